/** What calls CNI plugins as container runtimes do, for tests of whole chains. */
@NullMarked
package io.sallyport.sync.runtime;

import org.jspecify.annotations.NullMarked;
