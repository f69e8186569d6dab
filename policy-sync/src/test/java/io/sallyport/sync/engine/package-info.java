/**
 * A real Docker engine for tests, alone in a network namespace, with images made of this machine's
 * own programs, since there is no registry.
 *
 * <p>A container has {@code CAP_NET_ADMIN} if it asks for it and never more: what runs here may be
 * a container itself.
 */
@NullMarked
package io.sallyport.sync.engine;

import org.jspecify.annotations.NullMarked;
