import { parseSyntax, type SyntaxNode } from "./promql/syntax.ts";

/** What can be told about a query without running it. */
export interface PromQLLint {
  /** Whether Prometheus' own grammar takes it; false is no proof of a mistake, since MetricsQL knows more. */
  readonly parses: boolean;
  /** Where the first mistake is, in UTF-16 code units from 0, when it does not parse. */
  readonly offset?: number;
  /** Whether no series of the result can have the label `image`, whatever the data. */
  readonly losesImage: boolean;
}

interface Expression {
  readonly node: SyntaxNode;
  readonly query: string;
  /** How far below the query's outermost expression. */
  readonly depth: number;
}

/** What becomes of the label: `scalar` has no labels at all and leaves those of its partner alone. */
type Fate = "possible" | "lost" | "scalar";

const LABEL = "image";
/** Deeper expressions are not looked into, and so nothing is reported about them. */
const MAX_DEPTH = 200;
/** Aggregations that choose among series and hand them on with their labels. */
const CHOOSING: ReadonlySet<string> = new Set(["Topk", "Bottomk", "LimitK", "LimitRatio"]);
const SCALAR_FUNCTIONS: ReadonlySet<string> = new Set([
  ...["Scalar", "Time", "Pi", "Range", "Step", "StartFn", "EndFn"],
]);
/** Functions that name the label they write in their second argument. */
const WRITING: ReadonlySet<string> = new Set(["LabelReplace", "LabelJoin", "HistogramQuantiles"]);
const ABSENT: ReadonlySet<string> = new Set(["Absent", "AbsentOverTime"]);
const SET_OPERATORS = ["And", "Unless", "Or"];

const UNKNOWN: PromQLLint = { parses: true, losesImage: false };

/** Reads a query with the grammar of Prometheus; of one that would take long to read nothing is said. */
export function lintPromQL(query: string): PromQLLint {
  const root = parseSyntax(query);
  if (root === undefined) return UNKNOWN;
  if ("mistakeAt" in root) {
    const { mistakeAt } = root;
    const offset = mistakeAt === undefined ? undefined : { offset: mistakeAt };
    return { parses: false, ...offset, losesImage: false };
  }
  const node = root.getChild("Expr");
  const losesImage = node !== null && fate({ node, query, depth: 0 }) !== "possible";
  return { parses: true, losesImage };
}

function fate(expression: Expression): Fate {
  if (expression.depth > MAX_DEPTH) return "possible";
  switch (expression.node.name) {
    case "NumberDurationLiteral":
    case "StringLiteral":
      return "scalar";
    case "AggregateExpr":
      return aggregationFate(expression);
    case "FunctionCall":
      return functionFate(expression);
    case "BinaryExpr":
      return binaryFate(expression);
    case "VectorSelector":
      return "possible";
    default: {
      // Parentheses, signs, offsets, ranges and subqueries keep the labels of what they enclose.
      const [inner] = operands(expression, expression.node);
      return inner === undefined ? "possible" : fate(inner);
    }
  }
}

function aggregationFate(expression: Expression): Fate {
  const { node, query } = expression;
  const operator = node.getChild("AggregateOp")?.firstChild?.name ?? "";
  const args = operands(expression, node.getChild("FunctionCallBody"));
  const series = args.at(-1);
  if (series === undefined) return "possible";
  if (CHOOSING.has(operator)) return fate(series);
  if (operator === "CountValues" && canName(args[0])) return "possible";
  const modifier = node.getChild("AggregateModifier");
  const labels = modifier?.getChild("GroupingLabels");
  if (!modifier || !labels) return "lost";
  const listed = lists(labels, query);
  const kept = modifier.getChild("By") === null ? listed !== "yes" : listed !== "no";
  return kept ? fate(series) : "lost";
}

function functionFate(expression: Expression): Fate {
  const { node, query } = expression;
  const name = node.getChild("FunctionIdentifier")?.firstChild?.name ?? "";
  if (SCALAR_FUNCTIONS.has(name)) return "scalar";
  // info() adds labels of other metrics.
  if (name === "Info") return "possible";
  const args = operands(expression, node.getChild("FunctionCallBody"));
  if (ABSENT.has(name)) {
    // absent() gives labels to its result from its selector's matchers, whose names may be escaped.
    return /image|\\/.test(query.slice(node.from, node.to)) ? "possible" : "lost";
  }
  if (WRITING.has(name) && canName(args[1])) return "possible";
  return args.some((arg) => fate(arg) === "possible") ? "possible" : "lost";
}

function binaryFate(expression: Expression): Fate {
  const { node } = expression;
  const [left, right] = operands(expression, node);
  if (left === undefined || right === undefined) return "possible";
  const operator = SET_OPERATORS.find((name) => node.getChild(name) !== null);
  const sides: Sides = { left: fate(left), right: fate(right) };
  if (operator === "Or") return either(sides);
  if (operator !== undefined) return sides.left;
  if (sides.left === "scalar") return sides.right;
  if (sides.right === "scalar") return sides.left;
  // A fill modifier lets series through that have no match.
  if (node.getChild("FillModifier") !== null) return either(sides);
  return matchedFate(expression, sides);
}

interface Sides {
  readonly left: Fate;
  readonly right: Fate;
}

function either({ left, right }: Sides): Fate {
  return left === "possible" || right === "possible" ? "possible" : "lost";
}

/** Series that match on the label either both have it or both lack it. */
function matchedFate({ node, query }: Expression, sides: Sides): Fate {
  const clause = node.getChild("MatchingModifierClause");
  const both = sides.left === "possible" && sides.right === "possible" ? "possible" : "lost";
  if (clause === null) return both;
  const [matching, included] = clause.getChildren("GroupingLabels");
  const listed = matching === undefined ? "no" : lists(matching, query);
  if (listed === "maybe") return "possible";
  const matches = (clause.getChild("On") !== null) === (listed === "yes");
  const groups = clause.getChild("GroupLeft") ?? clause.getChild("GroupRight");
  if (matches) return both;
  if (groups === null) return "lost";
  const many = groups.name === "GroupLeft" ? sides.left : sides.right;
  const one = groups.name === "GroupLeft" ? sides.right : sides.left;
  const copied = included === undefined ? "no" : lists(included, query);
  if (copied === "maybe") return "possible";
  return copied === "yes" ? one : many;
}

function operands({ query, depth }: Expression, node: SyntaxNode | null): Expression[] {
  const children = node?.getChildren("Expr") ?? [];
  return children.map((child) => ({ node: child, query, depth: depth + 1 }));
}

/** Whether a list of labels has ours; `maybe` when a quoted one is written with escapes. */
function lists(labels: SyntaxNode, query: string): "yes" | "no" | "maybe" {
  const names = [...labels.getChildren("LabelName"), ...labels.getChildren("QuotedLabelName")];
  const texts = names.map(({ from, to }) => query.slice(from, to).replace(/^["'`]|["'`]$/g, ""));
  if (texts.includes(LABEL)) return "yes";
  return texts.some((text) => text.includes("\\")) ? "maybe" : "no";
}

/** Whether a string argument is our label's name, or is written in a way that could hide it. */
function canName(argument: Expression | undefined): boolean {
  if (argument === undefined) return false;
  const { node, query } = argument;
  const text = query.slice(node.from, node.to);
  return node.name !== "StringLiteral" || text.includes("\\") || text.slice(1, -1) === LABEL;
}
