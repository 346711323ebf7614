package dev.pgrehearse.postgres;

import java.security.SecureRandom;
import java.util.Base64;

/** A password that does not show itself: {@link #toString()} never holds it, and it has no JSON form. Immutable. */
public final class Password {
    private static final int RANDOM_BYTES = 24;

    private final String secret;

    public Password(String secret) {
        this.secret = secret;
    }

    /** A fresh one of 192 random bits, for a server of ours. */
    public static Password random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new Password(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** The secret itself: for the driver, a pool, or a file that only the server's account can read. */
    public String reveal() {
        return secret;
    }

    @Override
    public String toString() {
        return "(password)";
    }
}
