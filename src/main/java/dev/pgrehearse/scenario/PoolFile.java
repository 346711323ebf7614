package dev.pgrehearse.scenario;

import java.io.IOException;
import java.io.StringReader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HikariCP properties in a file of the application: as HikariCP itself reads them, or among others as Spring Boot does, below
 * {@value #SPRING}. Address, driver and account are left out: the rehearsal has its own.
 */
final class PoolFile {
    private static final String SPRING = "spring.datasource.hikari.";

    /** Where the driver's URL stands, whoever reads the file; of two the last wins, as Spring Boot has it. */
    private static final List<String> URLS =
            List.of("spring.datasource.url", SPRING + "jdbc-url", SPRING + "jdbcUrl", "jdbcUrl");

    private static final Set<String> ABOUT_THE_SERVER = Set.of(
            "user",
            "username",
            "password",
            "jdbcUrl",
            "driverClassName",
            "dataSourceClassName",
            "dataSourceJNDI",
            "credentialsProviderClassName");

    /** Spring's map of what the driver is told: {@code data-source-properties.x}, or {@code data-source-properties[x]}. */
    private static final Pattern SPRINGS_MAP =
            Pattern.compile("(?:data-source-properties|dataSourceProperties)(?:\\.(.+)|\\[(.+)])");

    private PoolFile() {}

    /**
     * The properties by HikariCP's names, by name; none when the file is not there, which is a mistake.
     *
     * @param at where the scenario names the file
     * @param files learns of it, for the scenario's digest
     */
    static Map<String, String> read(Cursor at, SqlFiles files) {
        Map<String, String> found = new TreeMap<>();
        Path file;
        try {
            file = at.directory().resolve(at.text());
        } catch (InvalidPathException e) {
            at.mistake("the path of a file of HikariCP properties", null);
            return found;
        }
        String unreadable =
                Files.exists(file) ? FileNames.unreadable(file) : Mistakes.quoted(at.text()) + ", which is not there";
        if (unreadable != null) {
            at.mistake(unreadable, "a file of HikariCP properties", FileNames.nearestTo(file));
            return found;
        }
        Properties properties = new Properties();
        try {
            byte[] bytes = Files.readAllBytes(file);
            files.keep(file, bytes);
            properties.load(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException e) {
            at.mistake("a file that cannot be read (" + e.getMessage() + ")", "a file of HikariCP properties", null);
            return found;
        }
        boolean spring = properties.stringPropertyNames().stream().anyMatch(name -> name.startsWith(SPRING));
        for (String name : properties.stringPropertyNames()) {
            if (!spring || name.startsWith(SPRING)) {
                String own = spring ? camelCase(name.substring(SPRING.length())) : name;
                if (!isAboutTheServer(own)) {
                    found.put(own, properties.getProperty(name));
                }
            }
        }
        URLS.forEach(name -> ofDriver(properties.getProperty(name, "")).forEach((driver, value) -> {
            String own = AppSpec.DRIVER_PROPERTY + driver;
            if (!isAboutTheServer(own)) {
                found.put(own, value);
            }
        }));
        return found;
    }

    /** What a URL tells the driver behind its question mark, which pgjdbc lets win over properties. */
    private static Map<String, String> ofDriver(String url) {
        Map<String, String> told = new TreeMap<>();
        int mark = url.indexOf('?');
        if (mark >= 0) {
            for (String argument : url.substring(mark + 1).split("&", -1)) {
                int equals = argument.indexOf('=');
                if (equals > 0) {
                    told.put(
                            argument.substring(0, equals),
                            URLDecoder.decode(argument.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
        }
        return told;
    }

    private static boolean isAboutTheServer(String name) {
        return ABOUT_THE_SERVER.contains(name)
                || (name.startsWith(AppSpec.DRIVER_PROPERTY)
                        && DriverProperties.areAboutTheServer(name.substring(AppSpec.DRIVER_PROPERTY.length())));
    }

    /**
     * Spring's {@code maximum-pool-size} is HikariCP's {@code maximumPoolSize}, and its map of what the driver is told HikariCP's
     * {@code dataSource.x}.
     */
    private static String camelCase(String name) {
        Matcher entry = SPRINGS_MAP.matcher(name);
        if (entry.matches()) {
            return AppSpec.DRIVER_PROPERTY + (entry.group(1) == null ? entry.group(2) : entry.group(1));
        }
        String[] words = name.split("-", -1);
        StringBuilder camel = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            if (!word.isEmpty()) {
                camel.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
            }
        }
        return camel.toString();
    }
}
