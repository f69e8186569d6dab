/**
 * What an org's admin edits: internet access, level, custom and denied domains, ports, record
 * types, internal domains.
 *
 * <p>In: what a person typed, or a stored document. Out: a {@link
 * io.sallyport.sync.settings.Settings} that cannot be wrong, changed only by a {@code Change} that
 * is applied whole or not at all, and the differences between two of them. It knows nothing of
 * files, databases or clocks; who changed what and when is the store's.
 */
@NullMarked
package io.sallyport.sync.settings;

import org.jspecify.annotations.NullMarked;
