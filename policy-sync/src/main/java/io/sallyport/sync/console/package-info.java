/**
 * The admin's pages, as files: {@code /console} on the class path. In: a path. Out: the file, with
 * headers that let nothing else run, be loaded or be asked than what comes from this server. There
 * is no build step and nothing is fetched from elsewhere: what is in the source tree is what a
 * browser gets.
 *
 * <p>A page knows nothing that the API does not tell it, and may nothing that the API does not
 * allow: whoever can read these files has no more than an outline of the program.
 *
 * <p>The life of a page: {@code app.js} asks who is here, draws the frame, and follows the address
 * to one of {@code pages/}; that one asks the API and makes elements by {@code dom.js}, the only
 * place that makes any, and only from text.
 */
@NullMarked
package io.sallyport.sync.console;

import org.jspecify.annotations.NullMarked;
