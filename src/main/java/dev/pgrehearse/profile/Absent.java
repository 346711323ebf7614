package dev.pgrehearse.profile;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds what is null in records though it may not be: JSON's {@code null} fits every field, but not its meaning. */
final class Absent {
    private Absent() {}

    /** The path of the first one, such as {@code tables[3].columns[0].name}; empty when all is there. */
    static Optional<String> in(Record read) {
        return inRecord(read, "");
    }

    private static Optional<String> inRecord(Record read, String path) {
        for (RecordComponent component : read.getClass().getRecordComponents()) {
            String name = path.isEmpty() ? component.getName() : path + "." + component.getName();
            Object value = value(read, component);
            Optional<String> absent = value == null
                    ? Optional.of(name)
                            .filter(any -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class))
                    : inValue(value, name);
            if (absent.isPresent()) {
                return absent;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> inValue(Object value, String path) {
        if (value instanceof Record part) {
            return inRecord(part, path);
        }
        if (value instanceof List<?> list) {
            for (int index = 0; index < list.size(); index++) {
                Optional<String> absent = inValue(list.get(index), path + "[" + index + "]");
                if (absent.isPresent()) {
                    return absent;
                }
            }
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .flatMap(entry -> inValue(entry.getValue(), path + "." + entry.getKey()).stream())
                    .findFirst();
        }
        return Optional.empty();
    }

    private static @Nullable Object value(Record read, RecordComponent component) {
        try {
            return component.getAccessor().invoke(read);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("every component of a record has an accessor", e);
        }
    }
}
