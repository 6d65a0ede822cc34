package agency_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"slices"
	"testing"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// announcing is the request that announces a file.
func announcing(name, purpose, material string, content []byte) *agencyv1.CreateDocumentRequest {
	sum := sha256.Sum256(content)
	return &agencyv1.CreateDocumentRequest{Parent: name, FileName: "文件.txt", Purpose: purpose, Material: material, Size: int64(len(content)),
		Sha256: hex.EncodeToString(sum[:])}
}

func (w *world) announce(t testing.TB, name, sender, purpose, material string, content []byte) *agencyv1.Document {
	t.Helper()
	return must[*agencyv1.Document](t)(w.CreateDocument(w.as(t, sender), announcing(name, purpose, material, content)))
}

// deliver announces a file and sends it whole.
func (w *world) deliver(t testing.TB, name, sender, purpose, material string, content []byte) *agencyv1.Document {
	t.Helper()
	d := w.announce(t, name, sender, purpose, material, content)
	d = must[*agencyv1.Document](t)(w.piece(t, sender, d.GetName(), 0, content))
	if d.GetState() != agencyv1.Document_READY {
		t.Fatalf("sent, it is %v", d)
	}
	return d
}

func (w *world) piece(t testing.TB, sender, name string, offset int, piece []byte) (*agencyv1.Document, error) {
	t.Helper()
	return w.WriteDocument(w.as(t, sender), &agencyv1.WriteDocumentRequest{Name: name, Offset: int64(offset), Data: piece})
}

func (w *world) document(t testing.TB, person, name string) (*agencyv1.Document, error) {
	t.Helper()
	return w.GetDocument(w.as(t, person), &agencyv1.GetDocumentRequest{Name: name})
}

// content reads a part of a file.
func (w *world) content(t testing.TB, person, name string, offset, length int64) (all []byte, err error) {
	t.Helper()
	stream := must[agencyv1.MaterialService_ReadDocumentClient](t)(w.ReadDocument(w.as(t, person), &agencyv1.ReadDocumentRequest{Name: name, Offset: offset, Length: length}))
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		all = append(all, m.GetData()...)
	}
}

// drawing is a picture with its author's name in it.
func drawing(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), "behind the end: Zhang San"...)
}

// row is a file's row.
func (w *world) row(t testing.TB, name string) *upload.File {
	t.Helper()
	key := must[store.Key](t)(store.KeyOf(cataloguetest.Code, idOf(name)))
	return must[*upload.File](t)(w.Service.Desk().Store.Files.File(t.Context(), upload.Owner(key), name[len(name)-idLength:]))
}

// counted says of a file that all of it has arrived, some time ago, as a process does that ends then.
func (w *world) counted(t testing.TB, f *upload.File) {
	t.Helper()
	d := w.Service.Desk()
	arrived := d.Store.Files.Receive(f, f.Size, w.Wall.Now().Add(-time.Hour))
	if err := d.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{arrived}}); err != nil {
		t.Fatal(err)
	}
}

// material is a material of a case as its owner sees it.
func (w *world) material(t testing.TB, name, code string) *agencyv1.Material {
	t.Helper()
	all := w.get(t, name).GetMaterials()
	return all[slices.IndexFunc(all, func(m *agencyv1.Material) bool { return m.GetCode() == code })]
}

// TestADocumentArrives over a bad network: what arrived stays, and when all is there it is a version of its material, for every item that asks for it.
func TestADocumentArrives(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		name, content := w.open(t).GetName(), drawing(t)
		request := announcing(name, casefile.PurposeMaterial, cataloguetest.SitePlan, content)
		request.RequestId = "site plan"
		d := must[*agencyv1.Document](t)(w.CreateDocument(w.as(t, owner), request))
		again := must[*agencyv1.Document](t)(w.CreateDocument(w.as(t, owner), request))
		if again.GetName() != d.GetName() || d.GetState() != agencyv1.Document_ANNOUNCED || d.GetSupplier() != "enterprise" || d.GetExpireTime() == nil {
			t.Fatalf("announced: %v, again: %v", d, again)
		}
		request.Material = cataloguetest.Drawings
		if _, err := w.CreateDocument(w.as(t, owner), request); reason(err) != "REQUEST_ID_REUSED" {
			t.Errorf("another file under the same id: %v", err)
		}
		if half := must[*agencyv1.Document](t)(w.piece(t, owner, d.GetName(), 0, content[:50])); half.GetState() != agencyv1.Document_UPLOADING || half.GetOffset() != 50 {
			t.Errorf("half of it: %v", half)
		}
		if _, err := w.piece(t, owner, d.GetName(), 60, content[60:]); reason(err) != "UPLOAD_OFFSET_MISMATCH" {
			t.Errorf("a gap: %v", err)
		}
		if _, err := w.content(t, owner, d.GetName(), 0, 0); reason(err) != "DOCUMENT_NOT_READY" {
			t.Errorf("half of it is read: %v", err)
		}
		before := w.get(t, name).GetEtag()
		at := must[*agencyv1.Document](t)(w.document(t, owner, d.GetName())).GetOffset()
		for range 2 { // the last piece may come again
			got := must[*agencyv1.Document](t)(w.piece(t, owner, d.GetName(), int(at), content[at:]))
			if got.GetState() != agencyv1.Document_READY || got.GetVersion() != 1 || got.GetValidUntil() != "2027-03-02" || got.GetFileName() != "文件.png" ||
				got.GetMediaType() != "image/png" || got.GetSha256() != got.GetContentSha256() || !got.GetReadyTime().AsTime().Equal(w.Clock.Now()) {
				t.Errorf("all of it: %v", got)
			}
		}
		if after := w.get(t, name).GetEtag(); after == before || count(w.events(t, name), "document_added") != 1 {
			t.Errorf("the case went from %s to %s", before, after)
		}
		m := w.material(t, name, cataloguetest.SitePlan)
		if len(m.GetVersions()) != 1 || m.GetVersions()[0].GetDocument() != d.GetName() || m.GetVersions()[0].GetSha256() != d.GetSha256() {
			t.Errorf("the material: %v", m)
		}
		// Its sender gets what they sent, everybody else what says nothing of people.
		if own, err := w.content(t, owner, d.GetName(), 0, 0); err != nil || !bytes.Equal(own, content) {
			t.Errorf("its sender gets %d bytes, %v", len(own), err)
		}
		for _, person := range []string{colleague, cataloguetest.ApprovalsClerk, cataloguetest.PlanningClerk} {
			seen := must[*agencyv1.Document](t)(w.document(t, person, d.GetName()))
			all, err := w.content(t, person, d.GetName(), 0, 0)
			sum := sha256.Sum256(all)
			if err != nil || bytes.Contains(all, []byte("Zhang")) || seen.GetContentSize() != int64(len(all)) || seen.GetContentSha256() != hex.EncodeToString(sum[:]) {
				t.Errorf("%s gets %d bytes of %v, %v", person, len(all), seen, err)
			}
			if part, err := w.content(t, person, d.GetName(), 10, 20); err != nil || !bytes.Equal(part, all[10:30]) {
				t.Errorf("%s gets %d bytes of a part, %v", person, len(part), err)
			}
		}
		if _, err := w.content(t, owner, d.GetName(), int64(len(content))+1, 0); reason(err) != "RANGE_INVALID" {
			t.Errorf("behind the end: %v", err)
		}
	})
}

// TestTwoVersions of one material: both stay, each with its hash; the newer one serves.
func TestTwoVersions(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.entrusted(t).GetName()
	first := w.deliver(t, name, owner, casefile.PurposeMaterial, cataloguetest.Drawings, []byte("图纸第一版"))
	// The second is announced before a third and arrives after it: versions count as they arrive.
	late := w.announce(t, name, cataloguetest.ApprovalsAgent, casefile.PurposeMaterial, cataloguetest.Drawings, []byte("图纸第三版"))
	second := w.deliver(t, name, colleague, casefile.PurposeMaterial, cataloguetest.Drawings, []byte("图纸第二版"))
	third := must[*agencyv1.Document](t)(w.piece(t, cataloguetest.ApprovalsAgent, late.GetName(), 0, []byte("图纸第三版")))
	versions := w.material(t, name, cataloguetest.Drawings).GetVersions()
	for n, d := range []*agencyv1.Document{first, second, third} {
		if v := versions[n]; int(v.GetNumber()) != n+1 || v.GetDocument() != d.GetName() || v.GetSha256() != d.GetSha256() || int(d.GetVersion()) != n+1 {
			t.Errorf("version %d is %v of %v", n+1, v, d)
		}
	}
	if versions[2].GetSupplier() != "agent" || len(versions) != 3 {
		t.Errorf("%v", versions)
	}
	list := must[*agencyv1.ListDocumentsResponse](t)(w.ListDocuments(w.as(t, owner), &agencyv1.ListDocumentsRequest{Parent: name})).GetDocuments()
	if len(list) != 3 || list[1].GetName() != late.GetName() {
		t.Errorf("%d files are listed", len(list))
	}
}

func TestDocumentsThatAreNotTaken(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		name := w.open(t).GetName()
		before := w.get(t, name).GetEtag()
		for what, c := range map[string]struct {
			announced, sent string
			reason          string
		}{
			"another file": {"施工合同", "施工合约", "ATTACHMENT_HASH_MISMATCH"},
			"a page":       {"<html><script>", "<html><script>", "MEDIA_NOT_ALLOWED"},
		} {
			d := w.announce(t, name, owner, casefile.PurposeMaterial, cataloguetest.Contract, []byte(c.announced))
			for range 2 {
				if _, err := w.piece(t, owner, d.GetName(), 0, []byte(c.sent)); reason(err) != c.reason {
					t.Errorf("%s: %v", what, err)
				}
			}
			got := must[*agencyv1.Document](t)(w.document(t, owner, d.GetName()))
			if got.GetState() != agencyv1.Document_REFUSED || got.GetReason() != c.reason || got.GetReasonText() == "" || got.GetVersion() != 0 {
				t.Errorf("%s: %v", what, got)
			}
			if _, err := w.document(t, colleague, d.GetName()); reason(err) != "DOCUMENT_NOT_FOUND" {
				t.Errorf("%s, to a colleague: %v", what, err)
			}
		}
		if after := w.get(t, name).GetEtag(); after != before {
			t.Errorf("the case went from %s to %s", before, after)
		}
		left := 0
		if err := w.Service.Desk().Blobs.Walk(t.Context(), func(blob.ID, time.Time) error { left++; return nil }); err != nil || left > 0 {
			t.Errorf("%d blobs are left, %v", left, err)
		}
	})
}

func TestWhoMaySendWhat(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.entrusted(t).GetName()
	request := func(change func(*agencyv1.CreateDocumentRequest)) *agencyv1.CreateDocumentRequest {
		r := announcing(name, casefile.PurposeMaterial, cataloguetest.Drawings, []byte("图纸"))
		change(r)
		return r
	}
	purpose := func(p string) *agencyv1.CreateDocumentRequest {
		return request(func(r *agencyv1.CreateDocumentRequest) { r.Purpose, r.Material = p, "" })
	}
	plain := request(func(*agencyv1.CreateDocumentRequest) {})
	for what, c := range map[string]struct {
		sender string
		in     *agencyv1.CreateDocumentRequest
		want   string
	}{
		"the enterprise's material":        {owner, plain, ""},
		"an agent's material":              {cataloguetest.InvestmentAgent, plain, ""},
		"a centre's material":              {cataloguetest.InvestmentClerk, plain, ""},
		"a unit's material":                {cataloguetest.HousingClerk, plain, ""},
		"a unit's certificate":             {cataloguetest.PermitsClerk, purpose(casefile.PurposeCertificate), ""},
		"a unit's notice":                  {cataloguetest.PermitsClerk, purpose(casefile.PurposeNotice), ""},
		"an agreement":                     {owner, purpose(casefile.PurposeAgreement), ""},
		"a stranger's":                     {stranger, plain, "CASE_NOT_FOUND"},
		"of a unit that has no part in it": {cataloguetest.QingfengClerk, plain, "CASE_NOT_FOUND"},
		"an auditor's":                     {cataloguetest.Auditor, plain, "NOT_PARTY_TO_CASE"},
		"the mayor's office's":             {cataloguetest.MayorOffice, plain, "NOT_PARTY_TO_CASE"},
		"the enterprise's certificate":     {owner, purpose(casefile.PurposeCertificate), "NOT_DECIDING_UNIT"},
		"an agent's notice":                {cataloguetest.ApprovalsAgent, purpose(casefile.PurposeNotice), "NOT_DECIDING_UNIT"},
		"for nothing known":                {owner, purpose("fun"), "PURPOSE_UNKNOWN"},
		"an unknown material":              {owner, request(func(r *agencyv1.CreateDocumentRequest) { r.Material = "none" }), "MATERIAL_UNKNOWN"},
		"what is valid no more":            {owner, request(func(r *agencyv1.CreateDocumentRequest) { r.ValidUntil = "2026-03-01" }), "VALIDITY_INVALID"},
		"what has no name":                 {owner, request(func(r *agencyv1.CreateDocumentRequest) { r.FileName = "a/b" }), "FILE_NAME_INVALID"},
		"what is too large":                {owner, request(func(r *agencyv1.CreateDocumentRequest) { r.Size = media.Document.MaxSize() + 1 }), "ATTACHMENT_TOO_LARGE"},
	} {
		if _, err := w.CreateDocument(w.as(t, c.sender), c.in); reason(err) != c.want {
			t.Errorf("%s: %v", what, err)
		}
	}
	others := w.announce(t, name, owner, casefile.PurposeMaterial, cataloguetest.Drawings, []byte("图纸"))
	if _, err := w.piece(t, colleague, others.GetName(), 0, []byte("图纸")); reason(err) != "DOCUMENT_NOT_FOUND" {
		t.Errorf("a piece of somebody else's: %v", err)
	}
}

// TestWhatIsSentIsWhatWasAnnounced whatever became of its sender, unless it was an agent who is none any more.
func TestWhatIsSentIsWhatWasAnnounced(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.entrusted(t).GetName()
	content := []byte("测绘报告")
	// The last bytes came and the process ended; who sent them is nobody any more when it starts again.
	crashed := func(sender, purpose, material string) *agencyv1.Document {
		d := w.announce(t, name, sender, purpose, material, content)
		row := w.row(t, d.GetName())
		if err := w.Service.Desk().Blobs.Write(t.Context(), row.Blob, 0, content); err != nil {
			t.Fatal(err)
		}
		w.counted(t, row)
		return d
	}
	of := map[string]*agencyv1.Document{
		"agent":      crashed(cataloguetest.ApprovalsAgent, casefile.PurposeMaterial, cataloguetest.Survey),
		"enterprise": crashed(owner, casefile.PurposeMaterial, cataloguetest.Survey),
		"unit":       crashed(cataloguetest.HousingClerk, casefile.PurposeNotice, ""),
		"centre":     crashed(cataloguetest.InvestmentClerk, casefile.PurposeMaterial, cataloguetest.Survey),
	}
	must[*agencyv1.Case](t)(w.TerminateAgreement(w.as(t, owner), &agencyv1.TerminateAgreementRequest{Name: name, Reason: "自己办"}))
	if err := w.Service.Desk().Intake.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	for supplier, d := range of {
		want, why := upload.Ready, ""
		if supplier == "agent" {
			want, why = upload.Refused, "NOT_PARTY_TO_CASE"
		}
		if row := w.row(t, d.GetName()); row.State != want || row.Reason != why || row.Author != supplier {
			t.Errorf("%s: %+v", supplier, row)
		}
	}
	if n := count(w.events(t, name), "document_added"); n != 3 {
		t.Errorf("%d files were added", n)
	}
}

// TestACrashInAnUpload between a blob and its row loses nothing that was acknowledged, and happens to the case once.
func TestACrashInAnUpload(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		name, content := w.open(t).GetName(), drawing(t)
		d := w.announce(t, name, owner, casefile.PurposeMaterial, cataloguetest.Drawings, content)
		desk := w.Service.Desk()
		row := w.row(t, d.GetName())
		// The bytes are durable and not counted: they come again.
		if err := desk.Blobs.Write(t.Context(), row.Blob, 0, content); err != nil {
			t.Fatal(err)
		}
		if now := must[*agencyv1.Document](t)(w.document(t, owner, d.GetName())); now.GetOffset() != 0 {
			t.Errorf("%d bytes are acknowledged", now.GetOffset())
		}
		must[*agencyv1.Document](t)(w.piece(t, owner, d.GetName(), 0, content[:60]))
		// All are counted, the file is sealed and its rendition made, and the process ends before the row and the event are.
		w.counted(t, w.row(t, d.GetName()))
		_, err := desk.Judge.Judge(t.Context(), upload.Arrived{Blob: row.Blob, Kind: row.Kind, Size: row.Size, SHA256: [32]byte(row.SHA256)})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(desk.Intake.Tidy(t.Context()), desk.Intake.Tidy(t.Context())); err != nil {
			t.Fatal(err)
		}
		if now := must[*agencyv1.Document](t)(w.document(t, owner, d.GetName())); now.GetState() != agencyv1.Document_READY || now.GetVersion() != 1 {
			t.Errorf("%v", now)
		}
		if own, err := w.content(t, owner, d.GetName(), 0, 0); err != nil || !bytes.Equal(own, content) {
			t.Errorf("%d bytes, %v", len(own), err)
		}
		if n := count(w.events(t, name), "document_added"); n != 1 {
			t.Errorf("it was added %d times", n)
		}
	})
}

// TestTheLastByte decides upon a commitment: at its due time it keeps it, a microsecond after it is broken.
func TestTheLastByte(t *testing.T) {
	content := []byte("最后一份材料")
	for what, c := range map[string]struct {
		after   time.Duration // from the due time to the decision
		crashed bool          // the last byte came in time, and nobody looked at the file until the decision
		want    agencyv1.Commitment_State
	}{
		"in time":         {0, false, agencyv1.Commitment_KEPT},
		"too late":        {time.Microsecond, false, agencyv1.Commitment_BROKEN},
		"judged in time":  {-time.Microsecond, true, agencyv1.Commitment_KEPT},
		"judged too late": {time.Microsecond, true, agencyv1.Commitment_BROKEN},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, "sqlite::memory:")
			name, last, due := w.oneMissing(t)
			d := w.announce(t, name, owner, casefile.PurposeMaterial, last, content)
			must[*agencyv1.Document](t)(w.piece(t, owner, d.GetName(), 0, content[:len(content)-1]))
			w.Clock.Set(due.Add(-time.Second))
			if c.crashed {
				row := w.row(t, d.GetName())
				if err := w.Service.Desk().Blobs.Write(t.Context(), row.Blob, row.Received, content[row.Received:]); err != nil {
					t.Fatal(err)
				}
				w.counted(t, row)
			}
			stands := func(when string, want agencyv1.Commitment_State) {
				t.Helper()
				if k := w.get(t, name).GetCommitments()[0]; k.GetState() != want {
					t.Errorf("%s the last byte: %v", when, k)
				}
			}
			stands("before", agencyv1.Commitment_RUNNING)
			w.Clock.Set(due.Add(c.after))
			if c.crashed {
				if err := w.Service.Desk().Intake.Tidy(t.Context()); err != nil {
					t.Fatal(err)
				}
			} else {
				must[*agencyv1.Document](t)(w.piece(t, owner, d.GetName(), len(content)-1, content[len(content)-1:]))
			}
			stands("after", c.want)
			w.Clock.Set(due.Add(time.Hour))
			w.idle(t)
			stands("an hour after", c.want)
			w.events(t, name)
		})
	}
}

// oneMissing is a case with an item that was accepted upon a commitment of which one material has not come, and the time by which it is due.
func (w *world) oneMissing(t *testing.T) (name, material string, due time.Time) {
	t.Helper()
	name = w.entrusted(t).GetName()
	w.through(t, name, cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
	w.principal(t, name, cataloguetest.SitePermit)
	k := w.sign(t, name, cataloguetest.SitePermit, agencyv1.Commitment_TOLERANCE)
	w.submit(t, name, cataloguetest.SitePermit)
	w.accept(t, name, cataloguetest.SitePermit)
	var missing []string
	for _, m := range w.item(t, name, cataloguetest.SitePermit).GetMaterials() {
		if m.GetState() == agencyv1.ItemMaterial_COMMITTED {
			missing = append(missing, m.GetMaterial())
		}
	}
	if len(missing) < 2 {
		t.Fatalf("missing are %v", missing)
	}
	for _, code := range missing[1:] {
		w.supply(t, name, owner, casefile.PurposeMaterial, code)
	}
	k = must[*agencyv1.Commitment](t)(w.GetCommitment(w.as(t, owner), &agencyv1.GetCommitmentRequest{Name: k.GetName()}))
	return name, missing[0], k.GetDueTime().AsTime()
}

// TestWhoSeesADocument: who may not know of a file is told the same as of one that is not there, and who may not know of the case learns nothing of it.
func TestWhoSeesADocument(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.entrusted(t).GetName()
	w.through(t, name, cataloguetest.Filing)
	send := func(sender, purpose, material string) string {
		return w.deliver(t, name, sender, purpose, material, []byte(purpose+material+sender)).GetName()
	}
	issued := send(cataloguetest.HualongClerk, casefile.PurposeCertificate, "")
	must[*agencyv1.Item](t)(w.IssueCertificate(w.as(t, cataloguetest.HualongClerk), &agencyv1.IssueCertificateRequest{
		Name: itemName(name, cataloguetest.Filing), Number: "备案〔2026〕7号", Document: issued}))
	files := map[string]string{
		"material":   send(owner, casefile.PurposeMaterial, cataloguetest.SitePlan), // of SiteOpinion, and others of Planning
		"agreement":  send(colleague, casefile.PurposeAgreement, ""),
		"issued":     issued,
		"unissued":   send(cataloguetest.HousingClerk, casefile.PurposeCertificate, ""),
		"evidence":   send(owner, casefile.PurposeEvidence, ""),
		"own notice": send(cataloguetest.PermitsClerk, casefile.PurposeNotice, ""),
	}
	everything := []string{"material", "agreement", "issued", "unissued", "evidence", "own notice"}
	for person, c := range map[string]struct {
		sees []string
		no   string
	}{
		owner:                         {everything, ""},
		colleague:                     {everything, ""},
		cataloguetest.ApprovalsAgent:  {everything, ""},
		cataloguetest.InvestmentClerk: {everything, ""},
		cataloguetest.MayorOffice:     {everything, ""},
		cataloguetest.Supervisor:      {everything, ""},
		cataloguetest.PlanningClerk:   {[]string{"material", "issued"}, "DOCUMENT_NOT_FOUND"}, // who leads the stage of Filing
		cataloguetest.EcologyClerk:    {nil, "DOCUMENT_NOT_FOUND"},
		cataloguetest.HualongClerk:    {[]string{"issued"}, "DOCUMENT_NOT_FOUND"},
		cataloguetest.HousingClerk:    {[]string{"unissued"}, "DOCUMENT_NOT_FOUND"},
		cataloguetest.PermitsClerk:    {[]string{"own notice"}, "DOCUMENT_NOT_FOUND"},
		cataloguetest.Auditor:         {nil, "DOCUMENT_NOT_FOUND"}, // reads no text, and files are that
		cataloguetest.Admin:           {nil, "DOCUMENT_NOT_FOUND"},
		cataloguetest.QingfengClerk:   {nil, "CASE_NOT_FOUND"},
		stranger:                      {nil, "CASE_NOT_FOUND"},
		claimant:                      {nil, "CASE_NOT_FOUND"},
	} {
		listed := map[string]bool{}
		list, err := w.ListDocuments(w.as(t, person), &agencyv1.ListDocumentsRequest{Parent: name})
		if c.no == "CASE_NOT_FOUND" && reason(err) != c.no || c.no != "CASE_NOT_FOUND" && err != nil {
			t.Errorf("%s lists: %v", person, err)
		}
		for _, d := range list.GetDocuments() {
			listed[d.GetName()] = true
		}
		for what, file := range files {
			want := c.no
			if slices.Contains(c.sees, what) {
				want = ""
			}
			_, err := w.document(t, person, file)
			_, err2 := w.content(t, person, file, 0, 0)
			if reason(err) != want || reason(err2) != want || listed[file] != (want == "") {
				t.Errorf("%s, %s: %v, %v, listed %t, want %q", person, what, err, err2, listed[file], want)
			}
		}
		if _, err := w.document(t, person, name+"/documents/"+ids.New(w.Clock).New()); c.no != "" && reason(err) != c.no {
			t.Errorf("%s, one that is not there: %v", person, err)
		}
	}
}

// TestEvidenceIsForWhoDecides: a unit sees what a wish for more time is founded on, and no other unit does.
func TestEvidenceIsForWhoDecides(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.entrusted(t).GetName()
	w.through(t, name, cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
	w.principal(t, name, cataloguetest.SitePermit)
	k := w.sign(t, name, cataloguetest.SitePermit, agencyv1.Commitment_TOLERANCE)
	w.submit(t, name, cataloguetest.SitePermit)
	w.accept(t, name, cataloguetest.SitePermit)
	evidence := w.supply(t, name, owner, casefile.PurposeEvidence, "")
	if _, err := w.document(t, cataloguetest.PlanningClerk, evidence); reason(err) != "DOCUMENT_NOT_FOUND" {
		t.Errorf("before it is founded on it: %v", err)
	}
	must[*agencyv1.Commitment](t)(w.RequestCommitmentExtension(w.as(t, owner), &agencyv1.RequestCommitmentExtensionRequest{Name: k.GetName(), Workdays: 3,
		Reason: "暴雨", Documents: []string{evidence}}))
	if _, err := w.document(t, cataloguetest.PlanningClerk, evidence); err != nil {
		t.Errorf("who decides: %v", err)
	}
	if _, err := w.document(t, cataloguetest.HousingClerk, evidence); reason(err) != "DOCUMENT_NOT_FOUND" {
		t.Errorf("another unit: %v", err)
	}
}

func TestNoMoreThanFiveHundred(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.open(t).GetName()
	d := w.Service.Desk()
	key := must[store.Key](t)(store.KeyOf(cataloguetest.Code, idOf(name)))
	put := func(n int, person, state string) {
		var c change.Change
		for i := range n {
			c.Statements = append(c.Statements, d.Store.Files.Add(&upload.File{Owner: upload.Owner(key), ID: fmt.Sprint(person, state, i), State: state, Kind: media.Document,
				Person: person, CreateTime: start, TouchTime: start, ExpireTime: start, SHA256: []byte{1}, Words: []string{casefile.PurposeEvidence, "", ""}}))
		}
		if err := d.Store.Commit(context.Background(), &c); err != nil {
			t.Fatal(err)
		}
	}
	announce := func(person string) error {
		_, err := w.CreateDocument(w.as(t, person), announcing(name, casefile.PurposeEvidence, "", []byte("x")))
		return err
	}
	put(casefile.MaxDocuments-1, owner, upload.Ready)
	put(casefile.MaxDocuments, cataloguetest.ApprovalsClerk, upload.Announced)
	if err := announce(colleague); err != nil {
		t.Errorf("the last: %v", err)
	}
	if err := announce(cataloguetest.ApprovalsClerk); reason(err) != "DOCUMENTS_TOO_MANY" {
		t.Errorf("one more of who announced many: %v", err)
	}
	put(casefile.MaxDocuments+1, owner, upload.Refused)
	if err := announce(owner); reason(err) != "DOCUMENTS_TOO_MANY" {
		t.Errorf("one more of who sent what came to nothing: %v", err)
	}
	put(1, colleague, upload.Ready)
	if err := announce(colleague); reason(err) != "DOCUMENTS_TOO_MANY" {
		t.Errorf("one more: %v", err)
	}
}

// TestWhatArrivesTooLate for a case that has ended is not taken, and its sender is told.
func TestWhatArrivesTooLate(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name, content := w.open(t).GetName(), []byte("图纸")
	d := w.announce(t, name, owner, casefile.PurposeMaterial, cataloguetest.Drawings, content)
	must[*agencyv1.Case](t)(w.CloseCase(w.as(t, owner), &agencyv1.CloseCaseRequest{Name: name, Reason: "不办了"}))
	if _, err := w.piece(t, owner, d.GetName(), 0, content); reason(err) != "CASE_STATE_FORBIDS" {
		t.Errorf("%v", err)
	}
	if row := w.row(t, d.GetName()); row.State != upload.Refused || row.Reason != "CASE_STATE_FORBIDS" {
		t.Errorf("%+v", row)
	}
}
