using System.Text;
using DcosIsolation.Daemon.Tests.Commands;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.Daemon.Tests.Browser;

/// <summary>The page of <c>matrix --html</c> in a browser, with real clicks and keys.</summary>
public sealed class MatrixPageTests(ITestOutputHelper output) : IDisposable
{
    private const int Enter = 13;
    private const int Escape = 27;
    private const int Left = 37;
    private const int Right = 39;
    private const int Down = 40;

    private const string Policy = """
        version: 1
        networks:
          dev: {subnets: [10.1.0.0/16]}
          hr: {subnets: [192.168.0.0/16]}
          it: {subnets: [10.250.0.0/16]}
        allow:
          - {from: hr, to: it, ports: [80/tcp]}

        """;

    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task A_click_shows_the_rules_and_lines_behind_a_cell()
    {
        using Chromium browser = await Start(Policy);

        await browser.Click("[role=gridcell][title^='hr to it']");

        await browser.Until("!document.getElementById('details').hidden");
        string details = await browser.Evaluate("document.getElementById('details').innerText");
        Assert.Contains("hr to it: 80/tcp", details, StringComparison.Ordinal);
        Assert.Contains("80/tcp passes: allow", details, StringComparison.Ordinal);
        Assert.Contains("policy.yaml:7", details, StringComparison.Ordinal);
        Assert.Contains("it to hr: ", details, StringComparison.Ordinal);

        await browser.Click("#details button");
        await browser.Until("document.getElementById('details').hidden");
        Assert.Empty(browser.Requests);
    }

    [SkippableFact]
    public async Task The_keyboard_reaches_every_cell()
    {
        using Chromium browser = await Start(Policy);
        Assert.Equal("1", await browser.Evaluate("document.querySelectorAll('[role=gridcell][tabindex=\"0\"]').length"));

        // Tab from the search box is the way into the grid.
        await browser.Click("#search");
        await browser.Press("Tab", 9);
        await browser.Until("document.activeElement.title.startsWith('dev to dev')");
        await browser.Press("ArrowDown", Down);
        await browser.Press("ArrowRight", Right);
        await browser.Press("ArrowRight", Right);
        await browser.Press("ArrowRight", Right);
        await browser.Until("document.activeElement.title.startsWith('hr to it')");

        await browser.Press("Enter", Enter, "\r");
        await browser.Until("document.getElementById('details').innerText.includes('hr to it: 80/tcp')");
        await browser.Press("Escape", Escape);
        await browser.Until("document.getElementById('details').hidden");
        await browser.Press("ArrowLeft", Left);
        await browser.Until("document.activeElement.title.startsWith('hr to hr')");
    }

    [SkippableFact]
    public async Task Light_and_dark_are_the_users_choice()
    {
        using Chromium browser = await Start(Policy);

        await browser.Prefer("light");
        Assert.Equal("rgb(255, 255, 255)", await browser.Evaluate("getComputedStyle(document.body).backgroundColor"));
        await browser.Prefer("dark");
        Assert.Equal("rgb(22, 24, 27)", await browser.Evaluate("getComputedStyle(document.body).backgroundColor"));
    }

    [SkippableFact]
    public async Task Names_that_look_like_markup_are_text()
    {
        using Chromium browser = await Start(
            "version: 1\nnetworks:\n  a: {subnets: [10.1.0.0/16]}\n  b: {subnets: [10.2.0.0/16]}\n"
            + "allow: [{from: a, to: b, ports: [80]}] # </script><script>document.title = 'mine'</script>\n");

        await browser.Click("[role=gridcell][title^='a to b']");

        Assert.NotEqual("mine", await browser.Evaluate("document.title"));
    }

    [SkippableFact]
    public async Task Five_hundred_networks_are_searched_and_clicked()
    {
        const int Networks = 500;
        var policy = new StringBuilder("version: 1\nnetworks:\n");
        for (int i = 0; i < Networks; i++)
        {
            policy.Append($"  net-{i:000}: {{subnets: [10.{i / 200}.{i % 200}.0/24]}}\n");
        }

        policy.Append("allow:\n  - {from: net-123, to: net-456, ports: [443/tcp]}\n");
        Chromium.SkipIfMissing();
        string page = Page(policy.ToString());
        using Chromium browser = await Chromium.Start();
        TimeSpan took = await browser.Open(page);
        output.WriteLine($"{new FileInfo(page).Length:N0} bytes, drawn after {took.TotalSeconds:0.00} s");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(30));

        // A quarter of a million cells are not all in the document.
        Assert.InRange(int.Parse(await browser.Evaluate("document.querySelectorAll('[role=gridcell]').length"), null), 1, 10_000);
        await browser.Click("#search");
        await browser.Type("net-456");
        await browser.Until("document.getElementById('count').textContent === '1 of 500 networks'");

        // Its column stands first; the row of the other is scrolled to by keys.
        await browser.Press("Tab", 9);
        await browser.Until("document.activeElement.getAttribute('role') === 'gridcell'");
        for (int i = 0; i < 124; i++)
        {
            await browser.Press("ArrowDown", Down);
        }

        await browser.Until("document.activeElement.title.startsWith('net-123 to net-456')");
        await browser.Click("[role=gridcell][title^='net-123 to net-456']");
        await browser.Until("document.getElementById('details').innerText.includes('net-123 to net-456: 443/tcp')");
        Assert.Contains("policy.yaml:504", await browser.Evaluate("document.getElementById('details').innerText"), StringComparison.Ordinal);
        Assert.Empty(browser.Requests);
    }

    private async Task<Chromium> Start(string policy)
    {
        Chromium.SkipIfMissing();
        string page = Page(policy);
        Chromium browser = await Chromium.Start();
        await browser.Open(page);
        return browser;
    }

    private string Page(string policy)
    {
        string page = _directory.PathOf("page.html");
        Assert.Equal(0, CommandRun.Of("matrix", _directory.Write(policy), "--html", page).ExitCode);
        return page;
    }
}
