package directory_test

import (
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Names are for the service that lets tickets be found by them, and for nobody who is signed in, whatever their role.
func TestNamesOfEnterprisesAreForAService(t *testing.T) {
	i := start(t, t.TempDir(), true)
	i.apply()
	admin := as(t.Context(), i.enter("zhaoguangming"))
	public, own := directoryv1.NewEnterpriseServiceClient(i.connection), directoryv1.NewEnterpriseServiceClient(i.peer)
	made, err := public.CreateEnterprise(as(t.Context(), i.enter("wuzhenhua")), &directoryv1.CreateEnterpriseRequest{Parent: "cities/" + city, DisplayName: "濮阳宏远化工有限公司",
		Kind: directoryv1.Enterprise_FOUNDING, County: "410902"})
	if err != nil {
		t.Fatal(err)
	}
	in := &directoryv1.BatchGetEnterpriseNamesRequest{Parent: "cities/" + city, Names: []string{made.GetName(), "cities/" + city + "/enterprises/01900000-0000-7000-8000-000000000001",
		"cities/410700" + made.GetName()[len("cities/"+city):]}}
	got, err := own.BatchGetEnterpriseNames(t.Context(), in)
	if err != nil || len(got.GetNames()) != 1 || got.GetNames()[0].GetName() != made.GetName() || got.GetNames()[0].GetDisplayName() != "濮阳宏远化工有限公司" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := public.BatchGetEnterpriseNames(admin, in); err == nil || fault.From(err).Kind != fault.Denied {
		t.Errorf("the administrator: %v, %v", got, err)
	}
}
