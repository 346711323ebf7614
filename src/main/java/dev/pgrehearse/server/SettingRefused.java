package dev.pgrehearse.server;

/** A setting of the scenario that the tool or the server does not take: the scenario is wrong, not the machine. */
public final class SettingRefused extends ServerProblem {
    private static final long serialVersionUID = 1L;

    SettingRefused(String whatFailed, String stateNow, String nextStep) {
        super(whatFailed, stateNow, nextStep);
    }
}
