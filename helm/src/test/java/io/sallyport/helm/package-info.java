/** Tests of the chart with Helm's own code, linked into the JVM: no helm program, no cluster. */
@NullMarked
package io.sallyport.helm;

import org.jspecify.annotations.NullMarked;
