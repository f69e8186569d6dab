/** What is asked, stripped of everything a client could smuggle. */
@NullMarked
package io.sallyport.resolver.question;

import org.jspecify.annotations.NullMarked;
