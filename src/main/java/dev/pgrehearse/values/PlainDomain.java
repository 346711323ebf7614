package dev.pgrehearse.values;

/** A domain whose values are plain ASCII without anything to escape, so that both forms are one. */
interface PlainDomain extends Domain {
    /** Longer than any number or time. */
    int USUAL_LENGTH = 40;

    @Override
    default String textAt(long index) {
        CopyBuffer text = new CopyBuffer(USUAL_LENGTH);
        copyTo(text, index);
        return text.asciiText();
    }
}
