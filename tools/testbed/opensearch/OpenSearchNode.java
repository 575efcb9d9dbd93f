import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node of OpenSearch on the loopback, until it is told to end: `java -cp 'lib/*' OpenSearchNode.java FOLDER PORT`. */
class OpenSearchNode {
    public static void main(String[] arguments) throws Exception {
        var runner = new OpenSearchRunner();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                runner.close();
            } catch (Exception problem) {
                problem.printStackTrace();
            }
        }));
        runner.onBuild((number, settings) -> settings
            .put("http.port", arguments[1])
            .put("network.host", "127.0.0.1")
            .put("discovery.type", "single-node")
            // The runner's own default can run no ingest pipeline.
            .putList("node.roles", "cluster_manager", "data", "ingest")
            // A disk that is nearly full refuses documents: of no use to a test.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
        ).build(OpenSearchRunner.newConfigs().basePath(arguments[0]).clusterName("k8s-audit-testbed").numOfNode(1).useLogger());
        Thread.currentThread().join();
    }
}
