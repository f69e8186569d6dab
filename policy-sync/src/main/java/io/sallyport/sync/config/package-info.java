/**
 * A node's configuration file: what an operator may say, each key optional, each default with its
 * reason. In: YAML. Out: a record, or the line and key that are wrong.
 */
@NullMarked
package io.sallyport.sync.config;

import org.jspecify.annotations.NullMarked;
