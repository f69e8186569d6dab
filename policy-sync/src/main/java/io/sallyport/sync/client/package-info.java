/**
 * A node's API as commands use it. In: a path and a body. Out: JSON, or the node's own sentence
 * about what is wrong.
 */
@NullMarked
package io.sallyport.sync.client;

import org.jspecify.annotations.NullMarked;
