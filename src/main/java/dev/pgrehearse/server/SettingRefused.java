package dev.pgrehearse.server;

/** A setting of the scenario that the tool or the server does not take: the scenario is wrong, not the machine. */
public final class SettingRefused extends ServerProblem {
    private static final long serialVersionUID = 1L;

    private final String setting;
    private final String why;

    /**
     * A setting that is refused.
     *
     * @param setting its name
     * @param why in the server's words, or the tool's
     */
    SettingRefused(String setting, String why, String stateNow) {
        super(
                "server.settings." + setting + " is refused: " + why,
                stateNow,
                "Correct or remove server.settings." + setting + " in the scenario.");
        this.setting = setting;
        this.why = why;
    }

    /** The setting's name. */
    public String setting() {
        return setting;
    }

    /** Why it is refused, in the server's words or the tool's. */
    public String why() {
        return why;
    }
}
