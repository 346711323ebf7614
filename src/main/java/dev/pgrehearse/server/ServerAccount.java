package dev.pgrehearse.server;

import dev.pgrehearse.process.Account;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * As whom the embedded server runs: PostgreSQL refuses to run as root.
 *
 * <p>An ordinary user runs it directly. Root runs it in a user namespace of its own ({@code unshare -U}) where that is
 * allowed, otherwise under an unprivileged account by {@code setpriv}. Both replace themselves by the server, so its
 * process id is the one that was launched.
 */
public final class ServerAccount {
    /** Environment variable and system property: {@code namespace} or {@code account}; otherwise the first that works. */
    static final String SWITCH = "PGREHEARSE_ROOT_MODE";

    private static final List<String> ACCOUNTS = List.of("postgres", "nobody");
    private static final String NOTHING_STARTED = "Nothing was started.";

    private ServerAccount() {}

    /**
     * Chooses for the user that runs the tool.
     *
     * @throws ServerProblem if root has no way to another account here
     */
    public static Account choose() {
        if (!isRoot()) {
            return Account.OURS;
        }
        String wanted = forced();
        if (!wanted.equals("account")) {
            ShortCommand.Answer answer = ShortCommand.run(List.of("unshare", "-U", "true"));
            if (answer.succeeded()) {
                return new Account(List.of("unshare", "-U"), null, "root in a user namespace");
            }
            if (wanted.equals("namespace")) {
                throw new ServerProblem(
                        "`unshare -U` does not work here: " + answer.output(),
                        NOTHING_STARTED,
                        "Unset " + SWITCH + ", so that an unprivileged account is used instead.");
            }
        }
        return unprivileged();
    }

    private static boolean isRoot() {
        ShortCommand.Answer answer = ShortCommand.run(List.of("id", "-u"));
        return answer.succeeded() && answer.output().equals("0");
    }

    private static String forced() {
        String environment = System.getenv(SWITCH);
        String wanted = System.getProperty(SWITCH, environment == null ? "" : environment)
                .toLowerCase(Locale.ROOT);
        if (!List.of("", "namespace", "account").contains(wanted)) {
            throw new ServerProblem(
                    SWITCH + " is '" + wanted + "'.", NOTHING_STARTED, "Set it to namespace or account, or unset it.");
        }
        return wanted;
    }

    private static Account unprivileged() {
        List<String> refusals = new ArrayList<>();
        for (String account : ACCOUNTS) {
            ShortCommand.Answer uid = ShortCommand.run(List.of("id", "-u", account));
            ShortCommand.Answer gid = ShortCommand.run(List.of("id", "-g", account));
            if (!uid.succeeded() || !gid.succeeded()) {
                refusals.add(account + ": " + uid.output());
                continue;
            }
            List<String> prefix =
                    List.of("setpriv", "--reuid=" + uid.output(), "--regid=" + gid.output(), "--clear-groups");
            List<String> attempt = new ArrayList<>(prefix);
            attempt.add("true");
            ShortCommand.Answer answer = ShortCommand.run(attempt);
            if (answer.succeeded()) {
                return new Account(prefix, principal(account), "the account " + account);
            }
            refusals.add(account + ": " + answer.output());
        }
        throw new ServerProblem(
                "PostgreSQL does not run as root, and no way to another account works here: user namespaces are denied,"
                        + " and setpriv says " + refusals,
                NOTHING_STARTED,
                "Run pgrehearse as an ordinary user, or install setpriv (util-linux) and an account named postgres.");
    }

    private static UserPrincipal principal(String account) {
        try {
            return Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(account);
        } catch (IOException e) {
            throw new ServerProblem(
                    "The account " + account + " cannot be looked up: " + e.getMessage(),
                    NOTHING_STARTED,
                    "Run pgrehearse as an ordinary user.",
                    e);
        }
    }
}
