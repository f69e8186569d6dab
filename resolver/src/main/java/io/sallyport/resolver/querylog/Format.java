package io.sallyport.resolver.querylog;

import java.io.ByteArrayOutputStream;

/** How entries are spelt. */
interface Format {
    /** What a stream begins with. */
    byte[] beginning();

    void write(Entry entry, ByteArrayOutputStream out);

    /** What a stream ends with. */
    byte[] end();

    /** Whether a stream may go on behind one that was written before. */
    boolean continues();
}
