package rpc

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

type timestamp = timestamppb.Timestamp

func hexOf(sum []byte) string { return hex.EncodeToString(sum) }

func commitmentName(c *casefile.Case, number int) string {
	return caseName(c) + commitmentsPart + strconv.Itoa(number)
}

// agreement renders an entrustment: how it stands for all who see the case, its words and who signed for who sees all of it.
func (s *shown) agreement(a *casefile.Agreement) *agencyv1.Agreement {
	out := &agencyv1.Agreement{Number: int32(a.Number), State: a.State, Stages: a.Stages, ExpireTime: stamp(a.Expire), SignTime: stamp(a.SignTime),
		SealTime: stamp(a.SealTime), TerminateTime: stamp(a.EndTime), TerminateCause: a.EndCause}
	if s.Sight.All {
		out.Text, out.TextSha256, out.Document = s.text(a.Text), hexOf(a.SHA256), documentName(s.Case, a.Document)
		out.Signer, out.TerminateReason = named(s.Case.City, "persons", a.Signer), s.text(a.EndReason)
	}
	return out
}

// agents renders who walks the case through, who does so now first.
func (s *shown) agents() (out []*agencyv1.Agent) {
	all := slices.Clone(s.Case.Agents)
	slices.SortStableFunc(all, func(a, b casefile.Assignment) int {
		switch {
		case a.To.IsZero() == b.To.IsZero():
			return 0
		case a.To.IsZero():
			return -1
		default:
			return 1
		}
	})
	for _, a := range all {
		o, _ := findOfficial(s.City, a.Official, a.From)
		out = append(out, &agencyv1.Agent{Official: named(s.Case.City, "persons", a.Official), DisplayName: o.DisplayName, Title: o.Title, Phone: o.Phone,
			Centre: named(s.Case.City, "units", a.Centre), CentreDisplayName: s.unitName(a.Centre, a.From), Reason: a.Reason,
			StartTime: stamp(a.From), EndTime: stamp(a.To)})
	}
	return out
}

// documents adds the materials and what was asked for of them.
func (s *shown) documents(out *agencyv1.Case) {
	c := s.Case
	for _, m := range c.Materials {
		if s.Sight.ShowsMaterial(c, m.Code) {
			out.Materials = append(out.Materials, s.material(m))
		}
	}
	for n, r := range c.Requests {
		if !s.Sight.ShowsMaterial(c, r.Material) {
			continue
		}
		request := &agencyv1.MaterialRequest{Number: int32(r.Number), Material: r.Material, DisplayName: s.materialName(r.Material), Text: s.text(r.Text),
			SupplyTime: stamp(r.Supplied), CreateTime: stamp(r.Time)}
		for _, k := range c.Clocks {
			if k.Kind == casefile.KindRequest && k.Number == n+1 {
				request.DueTime = stamp(k.Due)
			}
		}
		out.MaterialRequests = append(out.MaterialRequests, request)
	}
}

func (s *shown) material(m catalogue.Material) *agencyv1.Material {
	out := &agencyv1.Material{Code: m.Code, DisplayName: s.materialName(m.Code), Source: m.Source}
	for _, v := range s.Case.Supplies {
		if v.Material == m.Code {
			out.Versions = append(out.Versions, &agencyv1.MaterialVersion{Number: int32(v.Version), Document: documentName(s.Case, v.Document), Sha256: hexOf(v.SHA256),
				Supplier: v.Supplier, Reference: v.Reference, SupplyTime: stamp(v.Time), ValidUntil: v.Until})
		}
	}
	for n := range s.Case.Items {
		i := &s.Case.Items[n]
		asks := slices.ContainsFunc(i.Def.Materials, func(a catalogue.ItemMaterial) bool { return a.Material == m.Code })
		if asks && i.State != casefile.Dropped {
			out.Items = append(out.Items, i.Def.Code)
		}
	}
	return out
}

func (s *shown) materialName(code string) string {
	m, _ := s.Case.Material(code)
	return s.Pick(m.DisplayName, m.DisplayNameEn)
}

// certificate renders what an approval led to. Its check code is for who sees all that was written; with it goes the address of the page that checks it.
func (s *shown) certificate(k *casefile.Certificate) *agencyv1.Certificate {
	c := s.Case
	def := c.Item(k.Item).Def
	out := &agencyv1.Certificate{Number: k.Number, Item: k.Item, DisplayName: s.Pick(def.Certificate, def.CertificateEn), Document: documentName(c, k.Document),
		ValidFrom: k.From, ValidUntil: k.Until, IssueTime: stamp(k.Time), RevokeTime: stamp(k.Revoked), CheckCode: s.ofAll(desk.CheckText(k.Number))}
	if out.GetCheckCode() != "" {
		out.CheckPath = "/check/" + c.City + "?number=" + url.QueryEscape(k.Number) + "&code=" + url.QueryEscape(out.GetCheckCode())
	}
	return out
}
