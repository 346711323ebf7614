package dev.pgrehearse.postgres;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The eight table-level lock modes, weakest first, with the table of what conflicts with what.
 *
 * <p>Source: PostgreSQL documentation, "Explicit Locking", table "Conflicting Lock Modes".
 */
public enum LockMode {
    ACCESS_SHARE("AccessShareLock"),
    ROW_SHARE("RowShareLock"),
    ROW_EXCLUSIVE("RowExclusiveLock"),
    SHARE_UPDATE_EXCLUSIVE("ShareUpdateExclusiveLock"),
    SHARE("ShareLock"),
    SHARE_ROW_EXCLUSIVE("ShareRowExclusiveLock"),
    EXCLUSIVE("ExclusiveLock"),
    ACCESS_EXCLUSIVE("AccessExclusiveLock");

    private final String catalogueName;

    LockMode(String catalogueName) {
        this.catalogueName = catalogueName;
    }

    /** The name in {@code pg_locks.mode} and in the server's log, such as {@code AccessExclusiveLock}. */
    public String catalogueName() {
        return catalogueName;
    }

    /** The name in SQL and in the documentation, such as {@code ACCESS EXCLUSIVE}. */
    public String sqlName() {
        return name().replace('_', ' ');
    }

    /**
     * The mode that {@code pg_locks.mode} or the server's log names.
     *
     * @throws IllegalArgumentException when no lock mode has that name
     */
    public static LockMode ofCatalogueName(String name) {
        for (LockMode mode : values()) {
            if (mode.catalogueName.equals(name)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("no PostgreSQL lock mode is called " + name);
    }

    /** The mode that SQL names so, such as {@code ACCESS EXCLUSIVE}; empty for what is no table-level mode. */
    public static Optional<LockMode> ofSqlName(String name) {
        return Arrays.stream(values())
                .filter(mode -> mode.sqlName().equals(name))
                .findFirst();
    }

    /** Whether two sessions cannot hold these two modes on one object at the same time. Symmetric. */
    public boolean conflictsWith(LockMode other) {
        return conflicts().contains(other);
    }

    /** Whether it forbids all that {@code other} forbids: beside it on one relation the other one adds nothing. */
    public boolean includes(LockMode other) {
        return conflicts().containsAll(other.conflicts());
    }

    /** Whether ordinary reads (SELECT takes ACCESS SHARE) have to wait for this mode. */
    public boolean blocksReads() {
        return conflictsWith(ACCESS_SHARE);
    }

    /** Whether ordinary writes (INSERT, UPDATE, DELETE and MERGE take ROW EXCLUSIVE) have to wait for this mode. */
    public boolean blocksWrites() {
        return conflictsWith(ROW_EXCLUSIVE);
    }

    /** What the mode forbids others, in SQL's words; empty for a mode that disturbs only other DDL. */
    public String forbids() {
        if (blocksReads()) {
            return "SELECT, INSERT, UPDATE, DELETE";
        }
        if (this == EXCLUSIVE) {
            return "INSERT, UPDATE, DELETE, SELECT FOR UPDATE";
        }
        if (blocksWrites()) {
            return "INSERT, UPDATE, DELETE";
        }
        return "";
    }

    private Set<LockMode> conflicts() {
        return switch (this) {
            case ACCESS_SHARE -> EnumSet.of(ACCESS_EXCLUSIVE);
            case ROW_SHARE -> EnumSet.of(EXCLUSIVE, ACCESS_EXCLUSIVE);
            case ROW_EXCLUSIVE -> EnumSet.of(SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE);
            case SHARE_UPDATE_EXCLUSIVE -> EnumSet.range(SHARE_UPDATE_EXCLUSIVE, ACCESS_EXCLUSIVE);
            case SHARE ->
                EnumSet.of(ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE);
            case SHARE_ROW_EXCLUSIVE -> EnumSet.range(ROW_EXCLUSIVE, ACCESS_EXCLUSIVE);
            case EXCLUSIVE -> EnumSet.range(ROW_SHARE, ACCESS_EXCLUSIVE);
            case ACCESS_EXCLUSIVE -> EnumSet.allOf(LockMode.class);
        };
    }

    @Override
    public String toString() {
        return sqlName().toUpperCase(Locale.ROOT);
    }
}
