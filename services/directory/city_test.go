package directory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// enter signs somebody of the staff in, as a demonstration lets anybody.
func (i *instance) enter(login string) *directoryv1.Session {
	i.t.Helper()
	config, _ := i.Config(city)
	for _, o := range config.GetOfficials() {
		if o.GetLogin() == login {
			i.SetCast(map[string]directory.Persona{login: {City: city, Person: strings.TrimPrefix(o.GetPerson(), "cities/"+city+"/persons/")}})
		}
	}
	s, err := directoryv1.NewDemoServiceClient(i.connection).DemoSignIn(i.t.Context(), &directoryv1.DemoSignInRequest{Persona: login})
	if err != nil {
		i.t.Fatal(err)
	}
	return s
}

func TestACityIsAppliedAndRead(t *testing.T) {
	i := start(t, t.TempDir(), true)
	public, own := directoryv1.NewCityServiceClient(i.connection), directoryv1.NewCityServiceClient(i.peer)
	name := "cities/" + city
	if _, err := public.GetCity(t.Context(), &directoryv1.GetCityRequest{Name: name}); !fault.Has(err, "CITY_NOT_FOUND") {
		t.Errorf("before it is applied: %v", err)
	}
	i.apply()
	got, err := public.GetCity(t.Context(), &directoryv1.GetCityRequest{Name: name})
	if err != nil || got.GetDisplayName() != "濮阳市" || got.GetConfigVersion() != 1 || len(got.GetUnits()) == 0 || len(got.GetAppealTypes()) != 5 {
		t.Errorf("the public face: %v, %v", got, err)
	}
	config, err := own.GetCityConfig(t.Context(), &directoryv1.GetCityConfigRequest{Name: name})
	if err != nil || config.GetVersion() != 1 || len(config.GetOfficials()) == 0 {
		t.Errorf("the configuration: %v, %v", config.GetVersion(), err)
	}

	// The administrator adds a reopening, tries it first, and asks twice because the net is bad.
	admin := as(t.Context(), i.enter("zhaoguangming"))
	files := cityFiles(t)
	for _, f := range files {
		if f.GetPath() == "city.yaml" {
			f.Content = []byte(strings.Replace(string(f.GetContent()), "maxReopens: 2", "maxReopens: 3", 1))
		}
	}
	request := &directoryv1.ApplyCityRequest{Name: name, Files: files, ValidateOnly: true}
	for _, validateOnly := range []bool{true, false, false} {
		request.ValidateOnly = validateOnly
		if !validateOnly {
			request.RequestId = "one-more-reopening"
		}
		answer, err := public.ApplyCity(admin, request)
		if err != nil || answer.GetVersion() != 2 || !answer.GetChanged() {
			t.Errorf("validate only %t: %v, %v", validateOnly, answer, err)
		}
	}
	for version, reopens := range map[int64]int32{0: 3, 1: 2, 2: 3} {
		c, err := own.GetCityConfig(t.Context(), &directoryv1.GetCityConfigRequest{Name: name, Version: version})
		if err != nil || c.GetRules().GetMaxReopens() != reopens {
			t.Errorf("version %d: %d reopenings, %v", version, c.GetRules().GetMaxReopens(), err)
		}
	}
}

func TestBadCallsOfTheCity(t *testing.T) {
	i := start(t, t.TempDir(), true)
	i.apply()
	public, own := directoryv1.NewCityServiceClient(i.connection), directoryv1.NewCityServiceClient(i.peer)
	name, files := "cities/"+city, cityFiles(t)
	ctx, admin, dispatcher := t.Context(), as(t.Context(), i.enter("zhaoguangming")), as(t.Context(), i.enter("wuzhenhua"))
	get := func(name string) error {
		_, err := public.GetCity(ctx, &directoryv1.GetCityRequest{Name: name})
		return err
	}
	config := func(c directoryv1.CityServiceClient, name string, version int64) error {
		_, err := c.GetCityConfig(ctx, &directoryv1.GetCityConfigRequest{Name: name, Version: version})
		return err
	}
	wrong := []*directoryv1.CityFile{{Path: "city.yaml", Content: []byte("code: 410900\n")}}
	tests := []struct {
		name   string
		err    error
		kind   fault.Kind
		reason string
	}{
		{"unknown city", get("cities/410500"), fault.NotFound, "CITY_NOT_FOUND"},
		{"no city", get("cities/-"), fault.Invalid, "REQUEST_INVALID"},
		{"no name", get(""), fault.Invalid, "REQUEST_INVALID"},
		{"configuration for anybody", config(public, name, 0), fault.Unauthenticated, "TOKEN_MISSING"},
		{"configuration of an unknown city", config(own, "cities/410500", 0), fault.NotFound, "CITY_NOT_FOUND"},
		{"unknown version", config(own, name, 9), fault.NotFound, "CITY_NOT_FOUND"},
		{"negative version", config(own, name, -1), fault.Invalid, "REQUEST_INVALID"},
		{"apply as anybody", second(public.ApplyCity(ctx, &directoryv1.ApplyCityRequest{Name: name, Files: files})), fault.Unauthenticated, "TOKEN_MISSING"},
		{"apply as another service", second(own.ApplyCity(ctx, &directoryv1.ApplyCityRequest{Name: name, Files: files})), fault.Denied, "ROLE_REQUIRED"},
		{"apply as a dispatcher", second(public.ApplyCity(dispatcher, &directoryv1.ApplyCityRequest{Name: name, Files: files})), fault.Denied, "ROLE_REQUIRED"},
		{"apply no files", second(public.ApplyCity(admin, &directoryv1.ApplyCityRequest{Name: name})), fault.Invalid, "REQUEST_INVALID"},
		{"apply a nameless file", second(public.ApplyCity(admin, &directoryv1.ApplyCityRequest{Name: name, Files: []*directoryv1.CityFile{{}}})), fault.Invalid, "REQUEST_INVALID"},
		{"apply wrong files", second(public.ApplyCity(admin, &directoryv1.ApplyCityRequest{Name: name, Files: wrong})), fault.Invalid, "CITY_FILES_INVALID"},
		{"apply another city", second(public.ApplyCity(admin, &directoryv1.ApplyCityRequest{Name: "cities/410500", Files: files})), fault.NotFound, ""},
	}
	for _, test := range tests {
		f := fault.From(test.err)
		if f == nil || f.Kind != test.kind || test.reason != "" && f.Reason != test.reason || f.Text.Zh == "" || f.Text.En == "" {
			t.Errorf("%s: %v", test.name, test.err)
		}
		if test.reason == "CITY_FILES_INVALID" && (f == nil || len(f.Violations) < 10 || f.Violations[0].Text.Zh == "") {
			t.Errorf("%s: %+v", test.name, f)
		}
	}
	if c, _ := i.Config(city); c.GetVersion() != 1 {
		t.Errorf("version %d after calls that were refused", c.GetVersion())
	}
}

func second[T any](_ T, err error) error { return err }

func TestReadCity(t *testing.T) {
	folder := filepath.Join("..", "..", "deploy", "config", "cities", city)
	code, files, err := directory.ReadCity(folder)
	if err != nil || code != city || len(files) != len(cityFiles(t)) {
		t.Errorf("city %s with %d files, %v", code, len(files), err)
	}
	spoiled := t.TempDir()
	if err := os.CopyFS(spoiled, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(spoiled, "ladder.yaml"), []byte("ladder:\n  - {rung: 2, accountable: unit-leader}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err = directory.ReadCity(spoiled); err == nil || !strings.Contains(err.Error(), "\nladder.yaml:2: rungs are numbered from 1") {
		t.Errorf("got %v", err)
	}
	if _, _, err = directory.ReadCity(filepath.Join(spoiled, "nowhere")); err == nil {
		t.Error("a folder that is not there")
	}
}
