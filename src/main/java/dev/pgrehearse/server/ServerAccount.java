package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * As whom the embedded server runs: PostgreSQL refuses to run as root.
 *
 * <p>An ordinary user runs it directly. Root runs it in a user namespace of its own ({@code unshare -U}) where that is
 * allowed, otherwise under an unprivileged account by {@code setpriv}. Both replace themselves by the server, so its
 * process id is the one that was launched.
 *
 * @param prefix what stands before every command of the server's binaries
 * @param owner to whom data directories must belong; null when they belong to the tool's own user
 * @param description for messages
 */
record ServerAccount(List<String> prefix, @Nullable UserPrincipal owner, String description) {
    /** Environment variable and system property: {@code namespace} or {@code account}; otherwise the first that works. */
    static final String SWITCH = "PGREHEARSE_ROOT_MODE";

    /** For what is the tool's own and no server's. */
    static final ServerAccount OURS = new ServerAccount(List.of(), null, "the user that runs the tool");

    private static final List<String> ACCOUNTS = List.of("postgres", "nobody");
    private static final String NOTHING_STARTED = "Nothing was started.";

    /** Chooses for the user that runs the tool. */
    static ServerAccount choose() {
        if (!isRoot()) {
            return OURS;
        }
        String wanted = forced();
        if (!wanted.equals("account")) {
            ShortCommand.Answer answer = ShortCommand.run(List.of("unshare", "-U", "true"));
            if (answer.succeeded()) {
                return new ServerAccount(List.of("unshare", "-U"), null, "root in a user namespace");
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

    private static ServerAccount unprivileged() {
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
                return new ServerAccount(prefix, principal(account), "the account " + account);
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

    /** The command as this account runs it. */
    List<String> command(List<String> command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return whole;
    }

    /** Gives a file or directory to this account. */
    void take(Path path) throws IOException {
        if (owner != null) {
            Files.setAttribute(path, "posix:owner", owner, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
