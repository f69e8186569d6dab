package io.sallyport.sync.store;

import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/** The ways into one database. */
interface Connections extends AutoCloseable {
    /** Work with a connection. */
    interface Use<T> {
        T with(Connection open) throws SQLException, IOException, Refusal;
    }

    <T> T read(Use<T> use) throws SQLException, IOException, Refusal;

    /** In one transaction. */
    <T> T write(Use<T> use) throws SQLException, IOException, Refusal;

    /**
     * Makes a transaction that has just begun wait for its turn; none other is in it until its end.
     */
    void order(Connection open) throws SQLException;

    /** The name of the dialect in the names of schema files. */
    String dialect();

    /** Which store it is, for sentences. */
    String place();

    @Override
    void close();
}
