package proofs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/**
 * Runs one OpenSearch node in a folder: Launcher FOLDER HTTP_PORT [setting=value ...]. HTTP_PORT may be 0. Prints "listening PORT".
 * The node stops on SIGTERM and when stdin ends, so it never outlives the process that started it.
 */
public final class Launcher {
  private static final String NAME = "proofs";

  /** The public constructor of Node loads no plugin from the class path, so this one names the transport. */
  private static final class SingleNode extends Node {
    SingleNode(Environment environment) {
      super(environment, List.of(Netty4Plugin.class), false);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    Files.createDirectories(folder.resolve("config"));
    Settings.Builder settings = Settings.builder()
        .put("path.home", folder.toString())
        .put("path.data", folder.resolve("data").toString())
        .put("path.logs", folder.resolve("logs").toString())
        .put("cluster.name", NAME)
        .put("node.name", NAME)
        .put("network.host", "127.0.0.1")
        .put("http.port", arguments[1])
        .put("transport.port", "0")
        .put("http.type", "netty4")
        .put("transport.type", "netty4")
        .put("discovery.type", "single-node")
        .put("cluster.routing.allocation.disk.threshold_enabled", false);
    for (int at = 2; at < arguments.length; at++) {
      String[] setting = arguments[at].split("=", 2);
      settings.put(setting[0], setting[1]);
    }
    Node node = new SingleNode(
        InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), null, () -> NAME));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    System.out.println("listening " + httpPort(node));
    System.out.flush();
    while (System.in.read() >= 0) {
      // the bytes have no meaning; the node runs until they end
    }
    System.exit(0);
  }

  private static int httpPort(Node node) {
    return node.injector()
        .getInstance(org.opensearch.http.HttpServerTransport.class)
        .boundAddress()
        .publishAddress()
        .getPort();
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception exception) {
      exception.printStackTrace();
    }
  }
}
