/** Certificates and their keys for tests, made by openssl. */
@NullMarked
package io.sallyport.sync.certificates;

import org.jspecify.annotations.NullMarked;
