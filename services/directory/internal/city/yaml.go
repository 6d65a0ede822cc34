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

// The parser's time grows with the square of the depth and of the number of keys in one mapping, and its stack with the
// depth, so the tokens, which are found in linear time, are judged before the parser sees them.
const (
	maxTokens = 200_000
	maxDepth  = 6   // of brackets and braces; the files need two
	maxColumn = 40  // of block keys and entries, which bounds their depth; the files need nine
	maxKeys   = 100 // of one mapping; the files need nine
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

// plain reports whether the tokens are of the part of YAML that is taken here, and reports the first that is not.
func plain(in *intake, at place, tokens token.Tokens) bool {
	var s shape
	for i, t := range tokens {
		zh, en := s.take(t, i)
		if en == "" {
			continue
		}
		at.line = t.Position.Line
		in.fault(at, RuleSyntax, "此处不能使用 %q："+zh, "%q is not taken here: "+en, clip(t.Value))
		return false
	}
	return true
}

// shape is how deep and wide a file is at one of its tokens.
type shape struct {
	flow      []int              // keys in each open bracket or brace
	block     [maxColumn + 1]int // keys of the block mapping at each column
	key       int                // column of the token before, which a colon makes a key
	entryLine int                // line of the last dash
}

// take goes on to the next token. It answers why the token is not taken, in both languages, or nothing.
func (s *shape) take(t *token.Token, number int) (zh, en string) {
	column := t.Position.Column
	defer func() { s.key = column }()
	switch t.Type {
	case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType,
		token.DocumentHeaderType, token.DocumentEndType, token.LiteralType, token.FoldedType:
		return "配置文件只用简单的 YAML 写法", "these files are written in plain YAML"
	case token.SequenceStartType, token.MappingStartType:
		if s.flow = append(s.flow, 0); len(s.flow) > maxDepth {
			return "嵌套过深", "it is nested too deep"
		}
	case token.SequenceEndType, token.MappingEndType:
		s.flow = s.flow[:max(0, len(s.flow)-1)]
	case token.SequenceEntryType:
		if len(s.flow) == 0 {
			if t.Position.Line == s.entryLine || column > maxColumn {
				return "嵌套过深", "it is nested too deep"
			}
			s.entryLine = t.Position.Line
			clear(s.block[max(0, column)+1:])
		}
	case token.MappingValueType:
		if s.tooManyKeys() {
			return "嵌套过深，或键过多", "it is nested too deep, or there are too many keys"
		}
	default:
	}
	if number >= maxTokens {
		return "文件内容过多", "the file holds too much"
	}
	return "", ""
}

// tooManyKeys counts the key before a colon.
func (s *shape) tooManyKeys() bool {
	if depth := len(s.flow); depth > 0 {
		s.flow[depth-1]++
		return s.flow[depth-1] > maxKeys
	}
	column := max(0, s.key)
	if column > maxColumn {
		return true
	}
	s.block[column]++
	clear(s.block[column+1:])
	return s.block[column] > maxKeys
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
