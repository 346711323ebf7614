package dev.pgrehearse.scenario;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.util.UtilityElf;
import java.beans.Introspector;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads HikariCP properties and tries them on HikariCP itself: a name or value that it does not know, and one that it
 * would silently turn into another, is a mistake.
 */
final class PoolReader {
    private static final Set<String> OURS =
            Set.of("user", "username", "password", "jdbcUrl", "driverClassName", "credentialsProviderClassName");

    /** Their values are classes of the user's application, which are not here. */
    private static final Set<String> CLASSES = Set.of("exceptionOverrideClassName");

    /** Not one of HikariCP's: names a file with more of them. */
    private static final String FILE = "file";

    /** What HikariCP hands to the driver. */
    private static final String DRIVER = "dataSource";

    private static final String NO_ADDRESS =
            "no address, driver or account: the pool connects to the server that is started for the rehearsal";

    private final SqlFiles files;

    /** Long properties are times, in milliseconds, all of them. */
    private final Map<String, Method> setters = new TreeMap<>();

    PoolReader(SqlFiles files) {
        this.files = files;
        for (Method method : HikariConfig.class.getMethods()) {
            if (method.getName().startsWith("set") && method.getParameterCount() == 1) {
                Class<?> type = method.getParameterTypes()[0];
                String name = Introspector.decapitalize(method.getName().substring("set".length()));
                boolean plain = type.equals(String.class)
                        || type.equals(int.class)
                        || type.equals(long.class)
                        || type.equals(boolean.class);
                if (plain && !OURS.contains(name) && !CLASSES.contains(name) && !name.startsWith("dataSource")) {
                    setters.put(name, method);
                }
            }
        }
    }

    /** The properties as HikariCP takes them: times in milliseconds. */
    Map<String, String> read(Cursor pool) {
        HikariConfig config = new HikariConfig();
        Map<String, String> properties = new LinkedHashMap<>();
        Map<Given, Object> given = new LinkedHashMap<>();
        Map<String, Cursor> own = pool.entries();
        Cursor file = own.remove(FILE);
        Cursor driver = own.remove(DRIVER);
        if (driver != null) {
            driver.entries().forEach((name, at) -> own.put(AppSpec.DRIVER_PROPERTY + name, at));
        }
        if (file != null) {
            PoolFile.read(file, files).forEach((name, text) -> {
                if (!own.containsKey(name)) {
                    take(new Given(name, text, pool.at(name), file.text()), config, properties, given);
                }
            });
        }
        own.forEach((name, at) -> take(new Given(name, at.text(), at, null), config, properties, given));
        checkKept(config, given, pool);
        return Collections.unmodifiableMap(properties);
    }

    /**
     * A property as it is written.
     *
     * @param file that it is written in; null when it is written in the scenario
     */
    private record Given(
            String name, String text, Cursor at, @Nullable String file) {
        String inFile() {
            return file == null ? "" : " in " + Mistakes.quoted(file);
        }

        void mistake(String expected) {
            if (file != null) {
                at.mistake("`" + name + "=" + text + "`" + inFile(), expected, null);
            } else {
                at.mistake(expected, null);
            }
        }
    }

    private void take(Given given, HikariConfig config, Map<String, String> properties, Map<Given, Object> taken) {
        if (given.name().startsWith(AppSpec.DRIVER_PROPERTY)) {
            takeOfDriver(given, properties);
            return;
        }
        Method setter = setters.get(given.name());
        if (setter == null) {
            noteUnknown(given);
            return;
        }
        Object value = value(given, setter.getParameterTypes()[0]);
        if (value != null && set(config, setter, value, given)) {
            properties.put(given.name(), value.toString());
            taken.put(given, value);
        }
    }

    private static void takeOfDriver(Given given, Map<String, String> properties) {
        String name = given.name().substring(AppSpec.DRIVER_PROPERTY.length());
        if (!DriverProperties.areTaken(name)) {
            noteNotTaken(given, name);
            return;
        }
        String expected = DriverProperties.expectedInsteadOf(name, given.text());
        if (expected == null) {
            properties.put(given.name(), given.text());
        } else {
            given.mistake(expected);
        }
    }

    private static void noteNotTaken(Given given, String name) {
        String nearest = null;
        String expected;
        if (DriverProperties.areAboutTheServer(name)) {
            expected = NO_ADDRESS;
        } else if (DriverProperties.areSettings(name)) {
            expected = "no settings of sessions: those of all sessions are in `server.settings`, such as"
                    + " `search_path: shop, public`";
        } else {
            nearest = NearestName.of(name, DriverProperties.names());
            String all = nearest == null ? ": " + String.join(", ", DriverProperties.names()) : "";
            expected = "a property of pgjdbc that a rehearsal takes" + all;
        }
        given.at().mistakeOfKey(Mistakes.quoted(name) + given.inFile(), expected, nearest);
    }

    private void noteUnknown(Given given) {
        String name = given.name();
        Cursor at = given.at();
        if (OURS.contains(name) || name.startsWith("dataSource")) {
            at.mistakeOfKey(Mistakes.quoted(name), NO_ADDRESS, null);
        } else if (CLASSES.contains(name)) {
            at.mistakeOfKey(
                    Mistakes.quoted(name), "no class of the application: it is not on this tool's class path", null);
        } else {
            String nearest = NearestName.of(name, setters.keySet());
            String all = nearest == null ? ": " + String.join(", ", setters.keySet()) : "";
            at.mistakeOfKey(Mistakes.quoted(name) + given.inFile(), "a HikariCP property" + all, nearest);
        }
    }

    private static @Nullable Object value(Given given, Class<?> type) {
        String text = given.text();
        if (type.equals(String.class)) {
            return text;
        }
        if (type.equals(boolean.class)) {
            if (!text.equals("true") && !text.equals("false")) {
                given.mistake("true or false");
                return null;
            }
            return Boolean.valueOf(text);
        }
        if (type.equals(int.class)) {
            Long number = Quantities.whole(Quantities.number(text), Integer.MIN_VALUE);
            if (number == null || number > Integer.MAX_VALUE) {
                given.mistake("a whole number");
                return null;
            }
            return number.intValue();
        }
        Long millis = millis(text);
        if (millis == null) {
            given.mistake("a time such as 3s, or whole milliseconds");
        }
        return millis;
    }

    /** {@code 3s}, or milliseconds without a unit as HikariCP has them; null when it is neither, or not whole. */
    private static @Nullable Long millis(String text) {
        Duration duration = Quantities.duration(text);
        if (duration == null) {
            return Quantities.whole(Quantities.number(text), Integer.MIN_VALUE);
        }
        return duration.equals(Duration.ofMillis(duration.toMillis())) ? duration.toMillis() : null;
    }

    private static boolean set(HikariConfig config, Method setter, Object value, Given given) {
        try {
            setter.invoke(config, value);
            if (given.name().equals("transactionIsolation")) {
                UtilityElf.getTransactionIsolation(given.text());
            }
            return true;
        } catch (InvocationTargetException e) {
            given.mistake(
                    "what HikariCP takes; it says: " + e.getTargetException().getMessage());
        } catch (IllegalArgumentException e) {
            given.mistake("what HikariCP takes; it says: " + e.getMessage());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("HikariCP's setters are public", e);
        }
        return false;
    }

    /** HikariCP corrects what it does not like when it starts, with a line in the log that nobody reads. */
    private static void checkKept(HikariConfig config, Map<Given, Object> given, Cursor pool) {
        config.setJdbcUrl("jdbc:postgresql://127.0.0.1/never-connected");
        try {
            config.validate();
        } catch (IllegalArgumentException | IllegalStateException e) {
            pool.mistake("properties that do not go together", "what HikariCP takes; it says: " + e.getMessage(), null);
            return;
        }
        given.forEach((at, value) -> {
            Object kept = get(config, at.name());
            boolean forever = value.equals(0L) && kept.equals((long) Integer.MAX_VALUE);
            if (!kept.equals(value) && !forever) {
                at.mistake("a value that HikariCP keeps; it would silently use " + kept);
            }
        });
    }

    private static Object get(HikariConfig config, String property) {
        String suffix = property.substring(0, 1).toUpperCase(Locale.ROOT) + property.substring(1);
        try {
            for (Method method : HikariConfig.class.getMethods()) {
                boolean getter = method.getName().equals("get" + suffix)
                        || method.getName().equals("is" + suffix);
                if (getter && method.getParameterCount() == 0) {
                    Object value = method.invoke(config);
                    return value == null ? "" : value;
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("HikariCP's getters are public and throw nothing", e);
        }
        throw new IllegalStateException("HikariCP has a setter of " + property + " but no getter");
    }
}
