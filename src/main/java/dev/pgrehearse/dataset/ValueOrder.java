package dev.pgrehearse.dataset;

import java.math.BigDecimal;

/**
 * Which of two limits of the same column is the greater one: of numbers by their value, of anything else by their text,
 * which for dates and times in ISO form is their order.
 */
enum ValueOrder {
    INSTANCE;

    int compare(String one, String other) {
        try {
            return new BigDecimal(one).compareTo(new BigDecimal(other));
        } catch (NumberFormatException noNumbers) {
            return one.compareTo(other);
        }
    }
}
