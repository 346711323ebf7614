package dev.pgrehearse.recording;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a request ended: each offered request has exactly one. */
public enum Outcome {
    OK,
    /** No connection within the pool's {@code connectionTimeout}, or PgBouncer's {@code query_wait_timeout}. */
    POOL_TIMEOUT,
    /** All workers busy and the accept queue full. */
    QUEUE_REJECTED,
    /** The client gave up. */
    REQUEST_TIMEOUT,
    /** 53300: the server had no slot; or PgBouncer had none for another client. */
    TOO_MANY_CONNECTIONS,
    /** 55P03. */
    LOCK_TIMEOUT,
    /** 57014. */
    STATEMENT_TIMEOUT,
    /** 40P01. */
    DEADLOCK,
    /** 40001. */
    SERIALIZATION_FAILURE,
    /** Class 08, 57P01. */
    CONNECTION_LOST,
    /** The circuit breaker let nobody through. */
    BREAKER_OPEN,
    /** No instance was ready. */
    NO_INSTANCE,
    /** Any other error of the server. */
    SQL_ERROR,
    /** Still in flight when the rehearsal ended, and its client still waiting. */
    UNFINISHED,
    /** 40001 or 40P01 of a standby: replay cancelled the read. Last, since request logs hold these by number. */
    RECOVERY_CONFLICT;

    /** The name in recordings: {@code pool_timeout}. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return key();
    }
}
