package dev.sheaf.signal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/** Signals, as often as they come. A shutdown hook would hear the first only, and choose no exit code. */
public final class Signals {

    private Signals() {}

    /** Runs the action at each SIGINT or SIGTERM, which do nothing else from then on. As {@link #each}. */
    public static boolean eachStop(Runnable action) {
        return each(List.of("INT", "TERM"), action);
    }

    /**
     * Runs the action at each of these signals, which do nothing else from then on. The class behind this is not part
     * of Java's API, so it is reached by name.
     *
     * @param names without "SIG"
     * @return false if this Java has no such class: then the signals end the program as they do any other
     */
    public static boolean each(List<String> names, Runnable action) {
        InvocationHandler handler = (proxy, method, values) -> switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "equals" -> values != null && System.identityHashCode(proxy) == System.identityHashCode(values[0]);
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "signal handler";
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handlerType}, handler);
            for (String name : names) {
                signal.getMethod("handle", signal, handlerType)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
            return true;
        } catch (ReflectiveOperationException _) {
            return false;
        }
    }
}
