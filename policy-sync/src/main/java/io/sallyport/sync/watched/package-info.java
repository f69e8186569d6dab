/**
 * The door for those who watch a node or a control server: what may be asked there, any monitor may
 * ask, without a token and without TLS, and so it has an address of its own.
 *
 * <p>Whoever comes brings no body, and neither by number nor by patience keeps the others out for
 * long.
 */
@NullMarked
package io.sallyport.sync.watched;

import org.jspecify.annotations.NullMarked;
