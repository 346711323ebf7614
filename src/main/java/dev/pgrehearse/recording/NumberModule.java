package dev.pgrehearse.recording;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.pgrehearse.scenario.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON knows no NaN: what was not measured is {@code null} in the file and NaN again when read. Without this a
 * missing figure would come back as 0, the best of all figures.
 */
final class NumberModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    NumberModule() {
        super("pgrehearse-numbers");
        addSerializer(Double.class, new DoubleWriter(Double.class));
        addSerializer(double.class, new DoubleWriter(double.class));
        addSerializer(double[].class, new DoublesWriter());
        addDeserializer(double.class, new DoubleReader());
        addDeserializer(double[].class, new DoublesReader());
        addSerializer(Limits.class, new LimitsWriter());
        addDeserializer(Limits.class, new LimitsReader());
    }

    private static void writeNumber(double value, JsonGenerator out) throws IOException {
        if (Double.isFinite(value)) {
            out.writeNumber(value);
        } else {
            out.writeNull();
        }
    }

    private static final class DoubleWriter extends StdSerializer<Double> {
        private static final long serialVersionUID = 1L;

        DoubleWriter(Class<Double> type) {
            super(type);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            writeNumber(value, out);
        }
    }

    private static final class DoublesWriter extends StdSerializer<double[]> {
        private static final long serialVersionUID = 1L;

        DoublesWriter() {
            super(double[].class);
        }

        @Override
        public void serialize(double[] values, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeStartArray(values, values.length);
            for (double value : values) {
                writeNumber(value, out);
            }
            out.writeEndArray();
        }
    }

    private static final class DoubleReader extends StdDeserializer<Double> {
        private static final long serialVersionUID = 1L;

        DoubleReader() {
            super(double.class);
        }

        @Override
        public Double deserialize(JsonParser in, DeserializationContext context) throws IOException {
            if (!in.currentToken().isNumeric()) {
                return (Double) context.handleUnexpectedToken(double.class, in);
            }
            return in.getDoubleValue();
        }

        @Override
        public Double getNullValue(DeserializationContext context) {
            return Double.NaN;
        }
    }

    private static final class DoublesReader extends StdDeserializer<double[]> {
        private static final long serialVersionUID = 1L;

        DoublesReader() {
            super(double[].class);
        }

        @Override
        public double[] deserialize(JsonParser in, DeserializationContext context) throws IOException {
            if (!in.isExpectedStartArrayToken()) {
                return (double[]) context.handleUnexpectedToken(double[].class, in);
            }
            List<Double> values = new ArrayList<>();
            for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
                if (token == JsonToken.VALUE_NULL) {
                    values.add(Double.NaN);
                } else if (token.isNumeric()) {
                    values.add(in.getDoubleValue());
                } else {
                    return (double[]) context.handleUnexpectedToken(double.class, in);
                }
            }
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }

    private static final class LimitsWriter extends StdSerializer<Limits> {
        private static final long serialVersionUID = 1L;

        LimitsWriter() {
            super(Limits.class);
        }

        @Override
        public void serialize(Limits limits, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeTree(LimitsJson.write(limits));
        }
    }

    private static final class LimitsReader extends StdDeserializer<Limits> {
        private static final long serialVersionUID = 1L;

        LimitsReader() {
            super(Limits.class);
        }

        @Override
        public Limits deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return LimitsJson.read(context.readTree(in));
        }
    }
}
