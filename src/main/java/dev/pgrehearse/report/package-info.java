/** HTML, Markdown, JSON and JUnit XML; all number formatting. */
@NullMarked
package dev.pgrehearse.report;

import org.jspecify.annotations.NullMarked;
