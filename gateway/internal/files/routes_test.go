package files

import (
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
)

var (
	tickets = hotlinev1.File_throughtrain_hotline_v1_attachment_service_proto.Services().ByName("AttachmentService")
	cases   = agencyv1.File_throughtrain_agency_v1_material_service_proto.Services().ByName("MaterialService")
)

// TestRoutesAreTheContracts: what is served is what the contract's methods are annotated with.
func TestRoutesAreTheContracts(t *testing.T) {
	for service, want := range map[protoreflect.ServiceDescriptor][2]string{
		tickets: {"/v1/cities/{segment1}/tickets/{segment3}/attachments/{segment5}", "/v1/cities/{segment1}/tickets/{segment3}/attachments/{segment5}/content"},
		cases:   {"/v1/cities/{segment1}/cases/{segment3}/documents/{segment5}", "/v1/cities/{segment1}/cases/{segment3}/documents/{segment5}/content"},
	} {
		c, err := contractOf(Source{Service: service})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{c.upload.pattern, c.download.pattern}; got != want {
			t.Errorf("%s is served at %v", service.FullName(), got)
		}
	}
	if _, err := contractOf(Source{Service: hotlinev1.File_throughtrain_hotline_v1_ticket_service_proto.Services().ByName("TicketService")}); err == nil {
		t.Error("a service without files has routes for them")
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
