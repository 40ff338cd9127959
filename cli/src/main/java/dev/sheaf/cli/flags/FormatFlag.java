package dev.sheaf.cli.flags;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** --format, the same for every command that lists. */
public final class FormatFlag {
    enum Format {
        TABLE,
        JSON
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            converter = FormatConverter.class,
            description = "table or json (default table).")
    private Format format = Format.TABLE;

    public boolean isJson() {
        return format == Format.JSON;
    }

    /** For picocli. */
    static final class FormatConverter implements ITypeConverter<Format> {
        @Override
        public Format convert(String text) {
            return switch (text) {
                case "table" -> Format.TABLE;
                case "json" -> Format.JSON;
                default -> throw new TypeConversionException("\"" + text + "\" is none of table, json");
            };
        }
    }
}
