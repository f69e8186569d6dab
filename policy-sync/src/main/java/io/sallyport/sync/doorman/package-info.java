/**
 * Who may stand at a server, and for how long. In: connections, and what their threads say they are
 * about. Out: the end of those that take too long, or are too many of one address. It reads nothing
 * of what is asked.
 */
@NullMarked
package io.sallyport.sync.doorman;

import org.jspecify.annotations.NullMarked;
