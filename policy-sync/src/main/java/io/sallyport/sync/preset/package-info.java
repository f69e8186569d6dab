/**
 * Named, versioned lists of domains, shipped as data under {@code /presets}; the levels are made of
 * them.
 *
 * <p>In: the YAML files of this release. Out: {@link io.sallyport.sync.preset.Presets}, whose
 * entries know their group and whether anyone may publish there. An unknown key, a repeated entry
 * or a bad pattern is a fatal error with file and entry: a list that is not understood is not used.
 * To change a list, edit its file and raise its version.
 */
@NullMarked
package io.sallyport.sync.preset;

import org.jspecify.annotations.NullMarked;
