package dev.pgrehearse.restore;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.server.DataDirectory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Who may do what in a database that is restored. */
final class Privileges {
    /** Whoever owns something in the database, or the database itself; not what belongs to PostgreSQL itself. */
    private static final String OWNERS = """
            select r.rolname
            from pg_catalog.pg_roles r
            where r.rolname <> '%s'
              and r.rolname !~ '^pg_'
              and (r.oid in (select c.relowner from pg_catalog.pg_class c where c.oid >= 16384)
                   or r.oid in (select n.nspowner from pg_catalog.pg_namespace n where n.oid >= 16384)
                   or r.oid in (select p.proowner from pg_catalog.pg_proc p where p.oid >= 16384)
                   or r.oid in (select t.typowner from pg_catalog.pg_type t where t.oid >= 16384)
                   or r.oid = (select d.datdba from pg_catalog.pg_database d where d.datname = current_database()))
            order by r.rolname
            """.formatted(DataDirectory.APP);

    private final ConnectionDetails superuser;

    Privileges(ConnectionDetails superuser) {
        this.superuser = superuser;
    }

    /**
     * Makes those roles that are missing, none of which can log in.
     *
     * @return the ones made
     */
    List<String> makeRoles(Collection<String> names) throws SQLException {
        Set<String> missing = new TreeSet<>(names);
        try (Connection connection = superuser.open("pgrehearse dataset");
                Statement statement = connection.createStatement()) {
            missing.removeAll(names(statement, "select rolname from pg_catalog.pg_roles"));
            for (String role : missing) {
                statement.execute("create role " + Quoted.identifier(role) + " nologin");
            }
        }
        return List.copyOf(missing);
    }

    /** Extensions that the server cannot make. */
    List<String> missingExtensions(Collection<String> names) throws SQLException {
        Set<String> missing = new TreeSet<>(names);
        try (Connection connection = superuser.open("pgrehearse dataset");
                Statement statement = connection.createStatement()) {
            missing.removeAll(names(statement, "select name from pg_catalog.pg_available_extensions"));
        }
        return List.copyOf(missing);
    }

    /** Whether the application's role is a superuser, which it is only while a dump is restored. */
    void superuser(boolean allowed) throws SQLException {
        execute("alter role " + DataDirectory.APP + (allowed ? " superuser" : " nosuperuser"));
    }

    /** Gives the application's role all that others own. */
    void reassign(Collection<String> owners) throws SQLException {
        for (String owner : owners) {
            if (!owner.equals(DataDirectory.APP) && !owner.equals(DataDirectory.SUPERUSER)) {
                execute("reassign owned by " + Quoted.identifier(owner) + " to " + DataDirectory.APP);
            }
        }
    }

    /** Makes the application's role a member of all who own something: what is theirs stays theirs. */
    void joinOwners() throws SQLException {
        List<String> owners;
        try (Connection connection = superuser.open("pgrehearse dataset");
                Statement statement = connection.createStatement()) {
            owners = names(statement, OWNERS);
        }
        for (String owner : owners) {
            execute("grant " + Quoted.identifier(owner) + " to " + DataDirectory.APP);
        }
        execute("alter role " + DataDirectory.APP + " inherit");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = superuser.open("pgrehearse dataset");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> names(Statement statement, String query) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }
}
