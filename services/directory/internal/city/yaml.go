package city

import (
	"errors"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is a value in a file, with the line it stands on.
type node struct {
	in  *intake
	at  place
	ast ast.Node
}

// The parser's time grows with the square of the depth, and its stack with the depth, so the tokens, which are found in
// linear time, are judged before the parser sees them.
const (
	maxTokens = 100_000
	maxDepth  = 6  // of brackets and braces; the files need two
	maxColumn = 40 // of block keys and entries, which bounds their depth; the files need nine
)

// parse reads one file into its one document.
func parse(in *intake, f File) (root node, ok bool) {
	at := place{file: f.Path}
	switch {
	case len(f.Content) > maxFileBytes:
		in.fault(at, RuleFile, "文件过大，最多 %d 字节", "the file is too large, at most %d bytes", maxFileBytes)
		return node{}, false
	case !utf8.Valid(f.Content):
		in.fault(at, RuleSyntax, "文件不是 UTF-8 编码", "the file is not UTF-8")
		return node{}, false
	}
	// A parser of a rich language meets its own defects first in files like these; one must not take the process with it.
	defer func() {
		if recover() != nil {
			in.fault(at, RuleSyntax, "无法识别该文件，请简化写法", "the file cannot be read; write it more simply")
			root, ok = node{}, false
		}
	}()
	tokens := lexer.Tokenize(string(f.Content))
	if !plain(in, at, tokens) {
		return node{}, false
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		line, message := syntaxError(err)
		at.line = line
		in.fault(at, RuleSyntax, "YAML 语法错误：%s", "not valid YAML: %s", message)
		return node{}, false
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		in.fault(at, RuleSyntax, "文件是空的", "the file is empty")
		return node{}, false
	}
	at.line = 1
	return nodeOf(in, at, file.Docs[0].Body), true
}

// plain reports whether the tokens are of the part of YAML that is taken here.
func plain(in *intake, at place, tokens token.Tokens) bool {
	refuse := func(t *token.Token, zh, en string, args ...any) bool {
		at.line = t.Position.Line
		in.fault(at, RuleSyntax, zh, en, args...)
		return false
	}
	depth, entryLine := 0, 0
	for i, t := range tokens {
		if i >= maxTokens {
			return refuse(t, "文件内容过多", "the file holds too much")
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType,
			token.DocumentHeaderType, token.DocumentEndType, token.LiteralType, token.FoldedType:
			return refuse(t, "此处不能使用 YAML 的 %q 写法", "YAML's %q is not taken here", clip(t.Value))
		case token.SequenceStartType, token.MappingStartType:
			if depth++; depth > maxDepth {
				return refuse(t, "括号嵌套过深", "brackets are nested too deep")
			}
		case token.SequenceEndType, token.MappingEndType:
			depth = max(0, depth-1)
		case token.SequenceEntryType:
			if depth == 0 && (t.Position.Line == entryLine || t.Position.Column > maxColumn) {
				return refuse(t, "列表嵌套过深", "lists are nested too deep")
			}
			entryLine = t.Position.Line
		case token.MappingValueType:
			if depth == 0 && i > 0 && tokens[i-1].Position.Column > maxColumn {
				return refuse(t, "缩进过深", "the key is indented too far")
			}
		default:
		}
	}
	return true
}

// syntaxError takes the line and the bare message out of the parser's error, whose text quotes the file.
func syntaxError(err error) (line int, message string) {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return 0, "?"
	}
	if t := syntax.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	return line, syntax.GetMessage()
}

// nodeOf wraps a value; one without a line of its own stands on its parent's.
func nodeOf(in *intake, parent place, value ast.Node) node {
	if t := value.GetToken(); t != nil && t.Position != nil && t.Position.Line > 0 {
		parent.line = t.Position.Line
	}
	return node{in: in, at: parent, ast: value}
}

// empty reports whether nothing is written where a value could be.
func (n node) empty() bool { return n.ast == nil || n.ast.Type() == ast.NullType }

// items returns the entries of a list.
func (n node) items() []node {
	list, ok := n.ast.(*ast.SequenceNode)
	if !ok {
		n.in.fault(n.at, RuleForm, "此处应为列表", "a list is wanted here")
		return nil
	}
	items := make([]node, 0, len(list.Values))
	for _, value := range list.Values {
		items = append(items, nodeOf(n.in, n.at, value))
	}
	return items
}

const clipRunes = 40

// clip shortens what is quoted in a fault.
func clip(s string) string {
	runes := 0
	for i := range s {
		if runes++; runes > clipRunes {
			return s[:i] + "…"
		}
	}
	return s
}
