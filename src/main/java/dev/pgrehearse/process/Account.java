package dev.pgrehearse.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * As whom a child process runs that refuses to be root, as PostgreSQL and PgBouncer do.
 *
 * @param prefix what stands before its commands; replaces itself by the program, so the process id is the program's
 * @param owner to whom its files must belong; null when they belong to the tool's own user
 * @param description for messages
 */
public record Account(List<String> prefix, @Nullable UserPrincipal owner, String description) {
    /** The user that runs the tool. */
    public static final Account OURS = new Account(List.of(), null, "the user that runs the tool");

    public Account {
        prefix = List.copyOf(prefix);
    }

    /** The command as this account runs it. */
    public List<String> command(List<String> command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return whole;
    }

    /** Gives a file or directory to this account. */
    public void take(Path path) throws IOException {
        if (owner != null) {
            Files.setAttribute(path, "posix:owner", owner, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
