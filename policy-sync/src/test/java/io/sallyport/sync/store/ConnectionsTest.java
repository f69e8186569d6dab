package io.sallyport.sync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.store.Database.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConnectionsTest {
    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db.example/s?user=a&password=hunter2",
                "jdbc:postgresql://db.example/s?PASSWORD=hunter2",
                "jdbc:postgresql://a:hunter2@db.example/s"
            })
    void aPasswordInAnAddressIsRefusedAndNotRepeated(String url) {
        assertThatThrownBy(() -> new Server(url, "a", directory))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("password-file")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void onlyPostgresqlIsAServer() {
        assertThatThrownBy(() -> new Server("jdbc:mysql://db.example/s", "a", directory))
                .hasMessageContaining("jdbc:postgresql://");
    }

    @Test
    void aServerThatIsNotThereIsNamedAndThePasswordIsNot() throws Exception {
        int port = FreePort.any();
        Path password = Files.writeString(directory.resolve("password"), "hunter2\n");
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/store";
        assertThatThrownBy(() -> Database.open(new Server(url, "a", password)).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(url)
                .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2"));
    }

    @Test
    void aPasswordFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() ->
                        Database.open(
                                        new Server(
                                                "jdbc:postgresql://127.0.0.1:1/store",
                                                "a",
                                                directory.resolve("absent")))
                                .close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("absent");
    }
}
