import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import org.gephi.graph.api.Column;
import org.gephi.graph.api.Edge;
import org.gephi.graph.api.Element;
import org.gephi.graph.api.Graph;
import org.gephi.graph.api.GraphController;
import org.gephi.graph.api.Node;
import org.gephi.io.importer.api.Container;
import org.gephi.io.importer.api.EdgeMergeStrategy;
import org.gephi.io.importer.api.ImportController;
import org.gephi.io.importer.api.Issue;
import org.gephi.io.processor.plugin.DefaultProcessor;
import org.gephi.project.api.ProjectController;
import org.gephi.project.api.Workspace;
import org.openide.util.Lookup;

/** Opens each file in Gephi and prints what Gephi then has, one JSON object a line. */
public class Opened {
    public static void main(String[] files) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // Gephi talks on standard output
        for (String file : files) {
            out.println(opened(new File(file)));
        }
        System.exit(0);
    }

    static String opened(File file) throws Exception {
        ProjectController projects = Lookup.getDefault().lookup(ProjectController.class);
        projects.newProject();
        Workspace workspace = projects.getCurrentWorkspace();
        ImportController imports = Lookup.getDefault().lookup(ImportController.class);
        Container container = imports.importFile(file);
        container.getLoader().setAllowAutoNode(false);
        container.getLoader().setEdgesMergeStrategy(EdgeMergeStrategy.NO_MERGE);
        imports.process(container, new DefaultProcessor(), workspace);
        Graph graph = Lookup.getDefault().lookup(GraphController.class).getGraphModel(workspace).getGraph();
        StringBuilder text = new StringBuilder("{\"issues\": [");
        for (Issue issue : (Iterable<Issue>) () -> container.getReport().getIssues(1000)) {
            if (issue.getLevel() != Issue.Level.INFO) {
                text.append(text.charAt(text.length() - 1) == '[' ? "" : ", ").append(quoted(issue.getMessage()));
            }
        }
        text.append("], \"directed\": ").append(graph.isDirected() && !graph.isMixed()).append(", \"nodes\": [");
        String comma = "";
        for (Node node : graph.getNodes()) {
            text.append(comma).append("{\"id\": ").append(quoted((String) node.getId()));
            text.append(", \"label\": ").append(quoted(node.getLabel()));
            text.append(", \"values\": ").append(values(node)).append("}");
            comma = ", ";
        }
        text.append("], \"edges\": [");
        comma = "";
        for (Edge edge : graph.getEdges()) {
            text.append(comma).append("{\"source\": ").append(quoted((String) edge.getSource().getId()));
            text.append(", \"target\": ").append(quoted((String) edge.getTarget().getId()));
            text.append(", \"directed\": ").append(edge.isDirected());
            text.append(", \"weight\": ").append(edge.getWeight());
            text.append(", \"values\": ").append(values(edge)).append("}");
            comma = ", ";
        }
        return text.append("]}").toString();
    }

    static String values(Element element) {
        StringBuilder text = new StringBuilder("{");
        for (Column column : element.getAttributeColumns()) {
            Object value = column.isProperty() ? null : element.getAttribute(column);
            if (value != null) {
                text.append(text.length() > 1 ? ", " : "").append(quoted(column.getTitle())).append(": ");
                text.append(json(value));
            }
        }
        return text.append("}").toString();
    }

    static String json(Object value) {
        if (value == null) {
            return "null";
        }
        if (value.getClass().isArray()) {
            StringBuilder text = new StringBuilder("[");
            for (int i = 0; i < Array.getLength(value); i++) {
                text.append(i > 0 ? ", " : "").append(json(Array.get(value, i)));
            }
            return text.append("]").toString();
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    static String quoted(String text) {
        StringBuilder made = new StringBuilder("\"");
        for (char c : (text == null ? "" : text).toCharArray()) {
            made.append(c < 0x20 || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return made.append("\"").toString();
    }
}
