package dev.sheaf.coordinator.store.sql;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.image.Digest;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.function.Function;

/**
 * Values as JSON columns. Fields that this version does not know are passed over. Written in ASCII, so that a database
 * of any encoding gives back every character.
 */
final class StoredJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModules(new Jdk8Module(), new JavaTimeModule(), values())
            .addMixIn(SliceState.class, NamedStates.class)
            .addMixIn(BuildRequest.Source.class, NamedSources.class)
            .visibility(PropertyAccessor.ALL, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .visibility(PropertyAccessor.CREATOR, Visibility.ANY)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    /** Names that stay when classes are renamed. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "state")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = SliceState.Queued.class, name = "queued"),
        @JsonSubTypes.Type(value = SliceState.Leased.class, name = "leased"),
        @JsonSubTypes.Type(value = SliceState.Running.class, name = "running"),
        @JsonSubTypes.Type(value = SliceState.Verifying.class, name = "verifying"),
        @JsonSubTypes.Type(value = SliceState.Built.class, name = "built"),
        @JsonSubTypes.Type(value = SliceState.Failed.class, name = "failed"),
        @JsonSubTypes.Type(value = SliceState.Cancelled.class, name = "cancelled")
    })
    private interface NamedStates {}

    /** Names that stay when classes are renamed. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = BuildRequest.Source.Tree.class, name = "tree"),
        @JsonSubTypes.Type(value = BuildRequest.Source.Url.class, name = "url")
    })
    private interface NamedSources {}

    private StoredJson() {}

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value has no stored form: " + value.getClass(), e);
        }
    }

    static <T> T read(String json, Class<T> type) throws StoredFormException {
        try {
            T value = MAPPER.readValue(json, type);
            if (value == null) {
                throw new StoredFormException("a stored " + type.getSimpleName() + " is null");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new StoredFormException(
                    "a stored " + type.getSimpleName() + " cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    /** A value from a text column. */
    static <T> T parsed(String text, Function<String, T> parse) throws StoredFormException {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new StoredFormException("a stored value cannot be read: " + e.getMessage(), e);
        }
    }

    private static SimpleModule values() {
        SimpleModule module = new SimpleModule();
        addText(module, AgentId.class, AgentId::new);
        addText(module, Digest.class, Digest::new);
        addText(module, MediaType.class, MediaType::new);
        addText(module, Platform.class, StoredJson::platform);
        return module;
    }

    private static <T> void addText(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, ToStringSerializer.instance);
        module.addDeserializer(type, new TextDeserializer<>(type, parse));
    }

    /** Unlike users, attestations may name the unknown platform. */
    private static Platform platform(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("\"" + text + "\" is not os/architecture[/variant]");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
    }

    private static final class TextDeserializer<T> extends StdScalarDeserializer<T> {
        private static final long serialVersionUID = 1;

        private final transient Function<String, T> parse;

        TextDeserializer(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = parser.getValueAsString("");
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw context.weirdStringException(text, handledType(), String.valueOf(e.getMessage()));
            }
        }
    }
}
