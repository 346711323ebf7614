package dev.pgrehearse.scenario;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Strict UTF-8. */
final class Utf8 {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Utf8() {}

    /** The text without its byte order mark; null when the bytes are not UTF-8. */
    static @Nullable String decode(byte[] bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            boolean marked = text.length() > 0 && text.charAt(0) == BYTE_ORDER_MARK;
            return marked ? text.subSequence(1, text.length()).toString() : text.toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Where bytes stop being UTF-8. */
    static String describeFault(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        int at = Math.min(in.position(), bytes.length - 1);
        return String.format("the byte 0x%02X at offset %d, which is not UTF-8", bytes[at] & 0xFF, at);
    }
}
