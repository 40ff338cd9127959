package dev.sheaf.coordinator.rpc.wire;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.queue.api.Forecast;
import dev.sheaf.v1.AbleAgent;
import dev.sheaf.v1.PlanResponse;
import dev.sheaf.v1.SlicePlan;
import java.util.List;

/** Forecasts as the wire has them. */
public final class ForecastWire {
    private ForecastWire() {}

    /** A plan. */
    public static PlanResponse write(List<Forecast> forecasts) {
        return PlanResponse.newBuilder()
                .addAllSlices(forecasts.stream().map(ForecastWire::write).toList())
                .build();
    }

    private static SlicePlan write(Forecast forecast) {
        SlicePlan.Builder wire = SlicePlan.newBuilder()
                .setPlatform(BuildWire.write(forecast.platform()))
                .setAgent(forecast.agent().map(AgentId::name).orElse(""))
                .setReason(forecast.reason())
                .setAhead((int) forecast.ahead())
                .setCounted(forecast.history().slices())
                .setSameContext(forecast.history().isOfContext());
        forecast.able()
                .forEach(able -> wire.addAble(AbleAgent.newBuilder()
                        .setName(able.agent().name())
                        .setFreeSlots(able.freeSlots())
                        .setSlots(able.slots())
                        .setEmulated(able.emulated())));
        forecast.history().median().ifPresent(time -> wire.setExpected(Durations.write(time)));
        return wire.build();
    }
}
