use super::*;
use crate::hunt::parser::parse;
use crate::hunt::syntax::CommandKind;
use crate::rules::fault::Fault;

fn refused(query: &str) -> Fault {
    parse(query).expect_err(query)
}

/// An expression with parentheses around everything.
fn shown(node: &Node) -> String {
    let all = |nodes: &[Node], with: &str| {
        let shown: Vec<String> = nodes.iter().map(shown).collect();
        format!("({})", shown.join(with))
    };
    match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Boolean(truth) => truth.to_string(),
        Kind::Whole(number) => number.clone(),
        Kind::Double(number) => format!("{number:?}"),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Span(number, unit) => format!("{number}{}", unit.name),
        Kind::Name(name) => name.clone(),
        Kind::Star => "*".to_owned(),
        Kind::Not(one) => format!("!{}", shown(one)),
        Kind::Negative(one) => format!("-{}", shown(one)),
        Kind::All(nodes) => all(nodes, " & "),
        Kind::Any(nodes) => all(nodes, " | "),
        Kind::Compare(how, a, b) => format!("({} {how:?} {})", shown(a), shown(b)),
        Kind::Reckon(how, a, b) => format!("({}{}{})", shown(a), how.sign(), shown(b)),
        Kind::In(one, nodes) => format!("{} in {}", shown(one), all(nodes, ", ")),
        Kind::Like(one, how, _) => format!("({} {how:?})", shown(one)),
        Kind::IsNull(one) => format!("null({})", shown(one)),
        Kind::Call(name, nodes) => format!("{}{}", name.name, all(nodes, ", ")),
        Kind::Cast(one, to) => format!("({}::{})", shown(one), to.name),
    }
}

fn check(expression: &str, expected: &str) {
    let query = parse(&format!("from x | where {expression}")).expect(expression);
    let CommandKind::Where(node) = &query.commands[0].kind else { panic!("{query:?}") };
    assert_eq!(shown(node), expected, "{expression}");
}

#[test]
fn operators_bind_as_the_language_has_it() {
    check("a or b and c or d", "(a | (b & c) | d)");
    check("not a and b", "(!a & b)");
    check("not process.name is null and b", "(!null(process.name) & b)");
    check("not a == 1 or b", "(!(a Is 1) | b)");
    check("a + b * c - d % 2 == -e", "(((a+(b*c))-(d%2)) Is -e)");
    check("a < b + 1 and c", "((a Less (b+1)) & c)");
    check("- a :: long * 2", "(-(a::long)*2)");
    check("not not a", "!!a");
    check("(a or b) and c", "((a | b) & c)");
}

#[test]
fn words_are_operators_in_any_case() {
    check("a IS NOT null", "!null(a)");
    check("a Not In (1, 2)", "!a in (1, 2)");
    check("a NOT LIKE \"x*\" AND b RLIKE (\"y\", \"z\")", "(!(a Wildcards) & (b Regular))");
    check("CIDR_MATCH(a, \"::1\")", "CIDR_MATCH(a, \"::1\")");
    check("t > now() - 7 DAY", "(t More (now()-7DAY))");
    check("count(*) == 1 and NULL is NULL", "((count(*) Is 1) & null(null))");
}

#[test]
fn what_does_not_belong_is_told_with_what_does() {
    for (query, at, said) in [
        ("", 0, "from"),
        ("show info", 0, "from"),
        ("from x | were a", 9, "did you mean \"where\"?"),
        ("from x | dissect a \"%{b}\"", 9, "expected one of where, eval"),
        ("from x | where", 14, "found the end of the query"),
        ("from x | where a =", 17, "=="),
        ("from x | where a = 1", 17, "=="),
        ("from x | where (a", 17, "expected )"),
        ("from x | where a like b", 22, "between quotes"),
        ("from x | where a in 1", 20, "expected ("),
        ("from x | where a b", 17, "|"),
        ("from x | limit -1", 15, "number of rows"),
        ("from x | sort a nulls", 21, "first or last"),
        ("from x | where a == ?b", 20, "parameters"),
        ("from x | rename a b", 18, "as"),
        ("from x | where a < b < c", 21, "|"),
    ] {
        let fault = refused(query);
        assert_eq!(fault.span.start, at, "{query}: {}", fault.message);
        assert!(fault.message.contains(said), "{query}: {}", fault.message);
    }
}

#[test]
fn no_nesting_is_deep_enough_to_overflow() {
    for (open, close) in [("(", ")"), ("not ", ""), ("-", ""), ("f(", ")"), ("1 + (", ")")] {
        let many = 20_000;
        let query = format!("from x | where {}a{}", open.repeat(many), close.repeat(many));
        assert!(refused(&query).message.contains("deep"), "{open}");
    }
    let long = format!("from x | where a{}", " or a".repeat(20_000));
    assert!(parse(&long).is_ok(), "what is only long is not deep");
    let long = format!("from x | where 1{} > 1", " + 1".repeat(20_000));
    assert!(refused(&long).message.contains("deep"));
}
