/** The commands, each a class, in the order a person meets them. Exit 0 ok, 1 failed, 2 usage. */
@NullMarked
package io.sallyport.sync.cli;

import org.jspecify.annotations.NullMarked;
