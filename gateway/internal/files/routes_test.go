package files

import (
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// TestRoutesAreTheContracts: what is served is what the contract's methods are annotated with.
func TestRoutesAreTheContracts(t *testing.T) {
	star := regexp.MustCompile(`\{\w+\}`)
	template := func(path string) string {
		name, tail, _ := strings.Cut(star.ReplaceAllString(strings.TrimPrefix(path, "/v1/"), "*"), "/content")
		if strings.HasSuffix(path, "/content") {
			tail = "/content"
		}
		return "/v1/{name=" + name + "}" + tail
	}
	for _, c := range []struct {
		source      source
		methods     protoreflect.MethodDescriptors
		write, read protoreflect.Name
	}{
		{attachments(nil), hotlinev1.File_throughtrain_hotline_v1_attachment_service_proto.Services().ByName("AttachmentService").Methods(), "WriteAttachment", "ReadAttachment"},
		{documents(nil), agencyv1.File_throughtrain_agency_v1_material_service_proto.Services().ByName("MaterialService").Methods(), "WriteDocument", "ReadDocument"},
	} {
		said := func(name protoreflect.Name) *optionsv1.Content {
			content, _ := proto.GetExtension(c.methods.ByName(name).Options(), optionsv1.E_Content).(*optionsv1.Content)
			return content
		}
		if got := template(c.source.path); got != said(c.write).GetUpload() {
			t.Errorf("uploads are served at %s", got)
		}
		if got := template(c.source.path + contentPath); got != said(c.read).GetDownload() {
			t.Errorf("downloads are served at %s", got)
		}
		if got, want := c.source.name(func(v string) string { return "{" + v + "}" }), strings.TrimPrefix(c.source.path, "/v1/"); got != want {
			t.Errorf("%s is asked for as %s", want, got)
		}
	}
}

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"a.pdf":              `attachment; filename=a.pdf; filename*=UTF-8''a.pdf`,
		"营业 执照.pdf":          `attachment; filename="__ __.pdf"; filename*=UTF-8''%E8%90%A5%E4%B8%9A%20%E6%89%A7%E7%85%A7.pdf`,
		"a\"b';x=%41.pdf":    `attachment; filename="a_b';x=_41.pdf"; filename*=UTF-8''a%22b%27%3Bx=%2541.pdf`,
		"a\r\nSet-Cookie: b": `attachment; filename="a__Set-Cookie: b"; filename*=UTF-8''a%0D%0ASet-Cookie:%20b`,
	} {
		if got := disposition(name); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
}
