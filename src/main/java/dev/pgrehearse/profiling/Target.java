package dev.pgrehearse.profiling;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * The database to take a profile of, and who we are there. Immutable; safe to print: it shows neither address nor password.
 *
 * <p>Without a password of its own the driver looks for one where libpq does: in the file that {@code PGPASSFILE} names,
 * else in {@code ~/.pgpass}.
 */
public final class Target {
    private static final Pattern ADDRESS =
            Pattern.compile("(?:jdbc:)?postgres(?:ql)?:(?://(?:([^/?#@]*)@)?)?(.*)", Pattern.DOTALL);

    /** What libpq calls it, and what pgjdbc does. */
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "connect_timeout", "connectTimeout", "application_name", "ApplicationName", "gssencmode", "gssEncMode");

    private static final String APPLICATION = "pgrehearse profile";

    /** What libpq calls the properties that decide how a connection is made safe. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "sslmode", "PGSSLMODE",
            "sslrootcert", "PGSSLROOTCERT",
            "sslcert", "PGSSLCERT",
            "service", "PGSERVICE",
            "channelBinding", "PGCHANNELBINDING");

    private final String url;
    private final Properties properties;
    private final @Nullable Password password;
    private final boolean passwordInUrl;

    private Target(String url, Properties properties, @Nullable Password password, boolean passwordInUrl) {
        this.url = url;
        this.properties = properties;
        this.password = password;
        this.passwordInUrl = passwordInUrl;
    }

    /** A database of our own. */
    public static Target of(ConnectionDetails details) {
        return new Target(details.jdbcUrl(), details.driverProperties(APPLICATION), details.password(), false);
    }

    /**
     * Reads an address: {@code jdbc:postgresql://host:port/database?…} or {@code postgresql://user@host/database}.
     *
     * @param user the role that connects; null for the one in the address, else {@code PGUSER}, else the account's name
     * @param environment where {@code PGPASSWORD} and {@code PGUSER} are looked for
     * @throws TargetMistake when the text is no such address
     */
    public static Target parse(String address, @Nullable String user, Map<String, String> environment) {
        Matcher matcher = ADDRESS.matcher(address.strip());
        if (!matcher.matches()) {
            throw new TargetMistake("--url is no address of a PostgreSQL database; expected"
                    + " jdbc:postgresql://host:5432/database or postgresql://user@host:5432/database");
        }
        String rest = matcher.group(2);
        String cleanUrl = "jdbc:postgresql:" + (address.contains("://") ? "//" : "") + rest;
        Properties properties = Driver.parseURL(withPgjdbcNames(cleanUrl), null);
        if (properties == null) {
            throw new TargetMistake(
                    "--url cannot be read: after `postgresql:` this is no host, port and database; expected"
                            + " jdbc:postgresql://host:5432/database");
        }
        String userInfo = matcher.group(1);
        String inUrl = properties.getProperty("password");
        if (userInfo != null && !userInfo.isEmpty()) {
            int colon = userInfo.indexOf(':');
            properties.setProperty("user", decoded(colon < 0 ? userInfo : userInfo.substring(0, colon)));
            inUrl = colon < 0 ? inUrl : decoded(userInfo.substring(colon + 1));
        }
        if (user != null) {
            properties.setProperty("user", user);
        } else if (properties.getProperty("user") == null && environment.get("PGUSER") != null) {
            properties.setProperty("user", environment.get("PGUSER"));
        }
        String secret = inUrl != null ? inUrl : environment.get("PGPASSWORD");
        properties.remove("password");
        return new Target(
                address.contains("://")
                        ? "jdbc:postgresql://" + withoutQuery(rest)
                        : cleanUrl.replaceFirst("\\?.*", ""),
                properties,
                secret == null ? null : new Password(secret),
                inUrl != null);
    }

    private static String withPgjdbcNames(String url) {
        String renamed = url;
        for (Map.Entry<String, String> name : OTHER_NAMES.entrySet()) {
            renamed = renamed.replaceAll("([?&])" + name.getKey() + "=", "$1" + name.getValue() + "=");
        }
        return renamed;
    }

    private static String withoutQuery(String rest) {
        int query = rest.indexOf('?');
        return query < 0 ? rest : rest.substring(0, query);
    }

    private static String decoded(String text) {
        try {
            // A plus sign is one here, unlike in forms.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new TargetMistake(
                    "--url cannot be read: user or password have a % that no two hexadecimal digits follow;"
                            + " write %25 for a percent sign");
        }
    }

    /** The same with this password. */
    public Target withPassword(String typed) {
        return new Target(url, properties, new Password(typed), passwordInUrl);
    }

    /** Whether the address held a password, which everybody on the machine can read in the process list. */
    public boolean passwordInUrl() {
        return passwordInUrl;
    }

    /** Opens a session in auto-commit mode. */
    Connection open() throws SQLException {
        Properties driver = new Properties();
        properties.stringPropertyNames().stream()
                .filter(name -> !name.startsWith("PG"))
                .forEach(name -> driver.setProperty(name, properties.getProperty(name)));
        driver.setProperty("ApplicationName", APPLICATION);
        driver.putIfAbsent("connectTimeout", "10");
        driver.putIfAbsent("loginTimeout", "20");
        // Longer than any statement of ours may take: for a network that has gone.
        driver.putIfAbsent("socketTimeout", "120");
        driver.setProperty("tcpKeepAlive", "true");
        // A pooler in between may give each transaction another session.
        driver.setProperty("prepareThreshold", "0");
        if (password != null) {
            driver.setProperty("password", password.reveal());
        }
        return DriverManager.getConnection(url, driver);
    }

    @Nullable
    Password password() {
        return password;
    }

    /** How libpq's programs are told the same, but for host, port, database, user and password. */
    Map<String, String> libpqEnvironment() {
        Map<String, String> environment = new HashMap<>(Map.of("PGAPPNAME", APPLICATION));
        ENVIRONMENT.forEach((property, variable) -> {
            String value = properties.getProperty(property);
            if (value != null) {
                environment.put(variable, value);
            }
        });
        return environment;
    }

    @Override
    public String toString() {
        return "(database)";
    }
}
