package dev.pgrehearse.scenario;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.datafaker.Faker;
import net.datafaker.providers.base.AbstractProvider;
import org.jspecify.annotations.Nullable;

/** Tries Datafaker expressions, and knows the names of its providers and methods. Not thread-safe. */
final class FakerExpressions {
    private static final Pattern DIRECTIVE = Pattern.compile("#\\{\\s*([A-Za-z_]+)\\.([A-Za-z_0-9]+)");

    private final Map<String, @Nullable String> faults = new HashMap<>();
    private final Map<String, Class<?>> providers = new TreeMap<>();
    private @Nullable Faker faker;

    /**
     * The template that an expression means: {@code internet.emailAddress} is short for
     * <code>#{internet.emailAddress}</code>.
     */
    static String template(String expression) {
        return expression.contains("#{") ? expression : "#{" + expression + "}";
    }

    /** Notes an expression that Datafaker cannot evaluate. */
    void check(Cursor at) {
        String expression = at.text();
        if (!faults.containsKey(expression)) {
            faults.put(expression, faultOf(expression));
        }
        String fault = faults.get(expression);
        if (fault != null) {
            at.mistake(
                    Mistakes.quoted(expression) + ", which Datafaker cannot evaluate",
                    "a Datafaker expression such as internet.emailAddress",
                    fault.isEmpty() ? null : fault);
        }
    }

    /** Null when it evaluates; otherwise the nearest right name, or an empty text when there is none. */
    private @Nullable String faultOf(String expression) {
        Faker evaluator = faker();
        try {
            String value = evaluator.expression(template(expression));
            if (value != null && !value.contains("#{")) {
                return null;
            }
        } catch (RuntimeException cannotEvaluate) {
            // Datafaker's message repeats the expression: the nearest name says more.
        }
        return nearest(expression);
    }

    private String nearest(String expression) {
        Matcher matcher = DIRECTIVE.matcher(template(expression));
        while (matcher.find()) {
            String provider = bare(matcher.group(1));
            String method = matcher.group(2);
            String known = providers.containsKey(provider) ? provider : providerLike(provider);
            if (known == null) {
                continue;
            }
            Class<?> type = providers.get(known);
            Map<String, String> methods = type == null ? Map.of() : methodsOf(type);
            boolean right = known.equals(provider) && methods.containsKey(bare(method));
            if (right) {
                continue;
            }
            String near = methods.containsKey(bare(method))
                    ? methods.get(bare(method))
                    : NearestName.of(method, methods.values());
            if (near != null) {
                return matcher.group(1).equals(provider) ? known + "." + near : capitalised(known) + "." + near;
            }
        }
        return "";
    }

    private @Nullable String providerLike(String provider) {
        return NearestName.of(provider, providers.keySet());
    }

    private static String capitalised(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    /** Datafaker takes {@code Name.first_name} and {@code name.firstName} alike. */
    private static String bare(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    private static Map<String, String> methodsOf(Class<?> provider) {
        Map<String, String> methods = new TreeMap<>();
        for (Method method : provider.getMethods()) {
            if (method.getParameterCount() == 0
                    && !Modifier.isStatic(method.getModifiers())
                    && !method.getDeclaringClass().equals(Object.class)
                    && !method.getReturnType().equals(void.class)) {
                methods.put(bare(method.getName()), method.getName());
            }
        }
        return methods;
    }

    private Faker faker() {
        Faker existing = faker;
        if (existing != null) {
            return existing;
        }
        Faker made = new Faker(Locale.ENGLISH, new Random(0));
        for (Method method : Faker.class.getMethods()) {
            if (method.getParameterCount() == 0 && AbstractProvider.class.isAssignableFrom(method.getReturnType())) {
                providers.put(bare(method.getName()), method.getReturnType());
            }
        }
        faker = made;
        return made;
    }
}
