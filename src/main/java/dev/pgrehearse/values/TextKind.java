package dev.pgrehearse.values;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What texts of a column look like, guessed from its name.
 *
 * @param column what the whole name, in small letters, or its end must match
 * @param expression of Datafaker; null for none
 * @param words when there is no expression
 * @param lead in front of the word
 * @param separator between word and code
 * @param suffixes behind all, one of them, of the same length
 * @param small whether only small letters and digits remain of a word
 * @param style of what fills the length
 */
record TextKind(
        Pattern column,
        @Nullable String expression,
        List<String> words,
        String lead,
        String separator,
        List<String> suffixes,
        boolean small,
        Style style) {
    /** What fills the length, and of what codes are made. */
    enum Style {
        PROSE,
        LETTERS,
        DIGITS,
        HEX
    }

    private static final List<String> MAILS = List.of("@example.com", "@example.net", "@example.org");
    private static final List<String> SITES = List.of(".example.com/", ".example.net/", ".example.org/");

    private static final TextKind PLAIN = words("", "word.noun", " ", Style.PROSE);

    /** The first that matches counts. */
    private static final List<TextKind> RULES = List.of(
            kind("e_?mail(_?address)?|mail", "#{Name.firstName}.#{Name.lastName}", "", "", MAILS, true, Style.LETTERS),
            kind("user_?agent|agent", "company.name", "Mozilla/5.0 (X11; ", " ", List.of(")"), false, Style.PROSE),
            kind(
                    "(url|uri|link|website|homepage|href|avatar|image)s?",
                    "company.name",
                    "https://",
                    "-",
                    SITES,
                    true,
                    Style.LETTERS),
            kind(
                    "(token|hash|digest|checksum|sha\\d*|md5|secret|signature|fingerprint|password|etag)",
                    null,
                    "",
                    "",
                    List.of(""),
                    true,
                    Style.HEX),
            kind(
                    "(phone|mobile|fax|telephone|tel)(_?(no|number))?",
                    null,
                    "+4930",
                    "",
                    List.of(""),
                    true,
                    Style.DIGITS),
            kind("(zip|postal|post|plz)(_?code)?", null, "", "", List.of(""), true, Style.DIGITS),
            words("(first|given|fore)_?name", "name.firstName", " ", Style.LETTERS),
            words("(last|family|sur)_?name", "name.lastName", " ", Style.LETTERS),
            kind(
                    "(user|login|nick|screen)_?(name)?|handle",
                    "name.firstName",
                    "",
                    "",
                    List.of(""),
                    true,
                    Style.LETTERS),
            words(
                    "(company|organi[sz]ation|vendor|supplier|merchant|brand|employer)(_?name)?",
                    "company.name",
                    " ",
                    Style.PROSE),
            words("(product|item|article)(_?name)?", "commerce.productName", " ", Style.PROSE),
            words("(city|town)(_?name)?", "address.city", " ", Style.LETTERS),
            words("country_?code|country_?iso", "address.countryCode", "", Style.LETTERS),
            words("country(_?name)?", "address.country", " ", Style.LETTERS),
            words("(street|addr|address)(_?(line)?_?\\d?)?", "address.streetName", " ", Style.PROSE),
            words("(province|region|county)", "address.state", " ", Style.LETTERS),
            listed("currency(_?code)?", "AUD CAD CHF CNY CZK DKK EUR GBP HUF JPY MXN NOK NZD PLN SEK TRY USD ZAR"),
            listed(
                    "(language|locale|lang)(_?code)?",
                    "ar cs da de el en es fi fr he hi hu it ja ko nl no pl pt ro ru sv th tr uk vi zh"),
            listed(
                    "status|state|stage|phase",
                    "accepted active archived blocked cancelled closed completed confirmed created"
                            + " deleted delivered disabled draft expired failed inactive new open paid pending processing refunded"
                            + " rejected returned shipped suspended unknown waiting"),
            listed(
                    "type|kind|role|level|priority|mode|channel|source|method|action|event",
                    "admin api app bank basic batch card cash"
                            + " credit critical customer debit default delete guest high import insert internal invoice low manual"
                            + " medium mobile normal order partner premium report shop standard system transfer update user web"),
            words("category|department|tag|label|group", "commerce.department", " ", Style.LETTERS),
            kind("slug|path|permalink", "word.noun", "", "-", List.of(""), true, Style.LETTERS),
            kind(
                    "(sku|code|reference|ref|serial|barcode|ean|number|no|key)",
                    null,
                    "",
                    "",
                    List.of(""),
                    true,
                    Style.DIGITS),
            words("(title|subject|headline)", "book.title", " ", Style.PROSE),
            words(
                    "(full|display|customer|contact|author|person|owner)?_?name|author|contact|person",
                    "name.fullName",
                    " ",
                    Style.PROSE),
            words("(color|colour)", "color.name", " ", Style.LETTERS),
            PLAIN);

    private static TextKind kind(
            String column,
            @Nullable String expression,
            String lead,
            String separator,
            List<String> suffixes,
            boolean small,
            Style style) {
        return new TextKind(
                Pattern.compile("(.*_)?(" + column + ")"),
                expression,
                List.of(),
                lead,
                separator,
                suffixes,
                small,
                style);
    }

    private static TextKind words(String column, String expression, String separator, Style style) {
        return kind(column, expression, "", separator, List.of(""), false, style);
    }

    private static TextKind listed(String column, String words) {
        return new TextKind(
                Pattern.compile("(.*_)?(" + column + ")"),
                null,
                List.of(words.split(" ")),
                "",
                "",
                List.of(""),
                false,
                Style.LETTERS);
    }

    /** By the name of a column. */
    static TextKind of(String column) {
        String name = column.toLowerCase(Locale.ROOT);
        return RULES.stream()
                .filter(kind -> kind.column.matcher(name).matches())
                .findFirst()
                .orElse(PLAIN);
    }

    /** Texts of a Datafaker expression that somebody asked for. */
    static TextKind faker(String expression) {
        return words("", expression, " ", Style.LETTERS);
    }

    /** Values that are known, and others that begin with them. */
    static TextKind known(List<String> known) {
        String separator = List.of(" ", "-", "_", "~", "#", "|", "/").stream()
                .filter(mark -> known.stream().noneMatch(word -> word.contains(mark)))
                .findFirst()
                .orElse("~~");
        return new TextKind(Pattern.compile(""), null, known, "", separator, List.of(""), false, Style.LETTERS);
    }

    /**
     * Texts from one, included, to another, which is not, in the order of their bytes.
     *
     * @throws IllegalArgumentException when there is no room between them for others that begin alike
     */
    static TextKind within(@Nullable String lowest, @Nullable String highest) {
        String start = lowest == null ? "" : lowest;
        // 0 is the least of all that a code begins with.
        String lead = highest == null ? start : start + "0";
        if (highest != null && (lead.compareTo(highest) >= 0 || highest.startsWith(lead))) {
            throw new IllegalArgumentException(
                    "texts from '" + start + "' to '" + highest + "', between which none can be made that begin alike");
        }
        if (!lead.matches("[ -~&&[^\\\\]]*")) {
            throw new IllegalArgumentException(
                    "texts from '" + start + "', which is not plain ASCII: others above it cannot be made");
        }
        return kind("", null, lead, "", List.of(""), false, Style.LETTERS);
    }

    /** Prose between two marks. */
    static TextKind enclosed(String before, String after) {
        return kind("", "word.noun", before, " ", List.of(after), false, Style.PROSE);
    }

    /** All words, in no order. */
    List<String> allWords(Dictionaries dictionaries) {
        if (expression == null) {
            return words;
        }
        List<String> drawn = Words.faker(dictionaries, expression, Words.MOST);
        return small
                ? drawn.stream()
                        .map(word -> word.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]", ""))
                        .filter(word -> !word.isEmpty())
                        .toList()
                : drawn;
    }
}
