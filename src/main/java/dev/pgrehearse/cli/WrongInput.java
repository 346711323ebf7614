package dev.pgrehearse.cli;

/** The scenario or the command line is wrong: exit 2. The message says all that is. */
final class WrongInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongInput(String message) {
        super(message);
    }

    /** For mistakes that were gathered below: says what they say. */
    WrongInput(Exception mistakes) {
        super(mistakes.getMessage());
    }
}
