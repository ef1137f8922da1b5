/** How the site looks: one page for each module, with all of its exports in their categories. */
import {
  type Application,
  BaseRouter,
  type ContainerReflection,
  type DeclarationReflection,
  DefaultTheme,
  DefaultThemeRenderContext,
  type DocumentReflection,
  JSX,
  type NavigationElement,
  type PageEvent,
  PageKind,
  type Reflection,
  ReflectionKind,
  type Renderer,
  type RouterTarget,
  type SignatureReflection
} from "typedoc"

export type Page = DeclarationReflection | DocumentReflection

/** What the theme is told of the pages. */
export interface Site {
  /** Pages that stand beside the first one. */
  readonly first: () => ReadonlyArray<Page>
  /** The navigation: titles, and the pages under each. */
  readonly sections: () => ReadonlyArray<readonly [title: string, pages: ReadonlyArray<Page>]>
  /** The path of a page, without its ending. */
  readonly pathOf: (page: Reflection) => string
  /** The entry point that a module is imported from. */
  readonly entryOf: (module: Reflection) => string
}

const h = JSX.createElement
const nothing = h(JSX.Fragment, null)

const keywords = new Map([
  [ReflectionKind.Class, "class"],
  [ReflectionKind.Interface, "interface"],
  [ReflectionKind.TypeAlias, "type"],
  [ReflectionKind.Variable, "const"],
  [ReflectionKind.Function, "function"]
])

const sinceOf = ({ comment, signatures = [] }: DeclarationReflection) =>
  [comment, ...signatures.map(({ comment }) => comment)]
    .flatMap((comment) => comment?.getTag("@since")?.content ?? [])
    .map(({ text }) => text.trim())[0]

export const router = (site: Site): new(app: Application) => BaseRouter =>
  class extends BaseRouter {
    protected override getIdealBaseName(target: RouterTarget): string {
      return site.pathOf(target as Reflection)
    }
    protected override getPageKind(target: RouterTarget): PageKind | undefined {
      const { kind } = target as Reflection
      if (kind === ReflectionKind.Document) return PageKind.Document
      return kind === ReflectionKind.Module ? PageKind.Reflection : undefined
    }
    /** What the search finds: no part of a type that has no name. */
    override getLinkTargets(): Array<RouterTarget> {
      return super.getLinkTargets().filter((target) => !(target as Reflection).getFullName().includes("__type"))
    }
    /** Type parameters stand in the signature: they need no place of their own. */
    protected override buildAnchors(target: RouterTarget, page: RouterTarget): void {
      if ((target as Reflection).kind !== ReflectionKind.TypeParameter) super.buildAnchors(target, page)
    }
  }

const renderContext = (site: Site) =>
  class extends DefaultThemeRenderContext {
    override breadcrumbs = () => nothing
    override memberSources = () => nothing
    override reflectionFlags = () => nothing

    override header = ({ model, url }: PageEvent<Reflection>) => {
      if (model.isDocument() || url === "index.html") return nothing
      if (model.isProject()) return h("div", { class: "tsd-page-title" }, h("h1", null, "Reference"))
      const names = model.name === "EmulatorNode" ? "* as EmulatorNode" : `{ ${model.name} }`
      const code = `\`\`\`ts\nimport ${names} from "${site.entryOf(model)}"\n\`\`\``
      return h(
        "div",
        { class: "tsd-page-title" },
        h("h1", null, model.name),
        h(JSX.Raw, { html: this.markdown([{ kind: "text", text: code }]) })
      )
    }

    override moduleReflection = (module: DeclarationReflection | ContainerReflection) => {
      if (module.isProject()) return h(JSX.Fragment, null, site.sections().map(this.overview))
      return h(
        JSX.Fragment,
        null,
        h("section", { class: "tsd-panel tsd-comment" }, this.commentSummary(module), this.commentTags(module)),
        module.categories?.map(({ children, title }) => {
          this.page.startNewSection(title)
          return h(
            "section",
            { class: "tsd-panel-group tsd-member-group" },
            h("h2", { id: this.slugger.slug(`category-${title}`) }, title),
            children.map(this.member)
          )
        })
      )
    }

    /** The modules of one section of the navigation, a line each. */
    overview = ([title, pages]: readonly [string, ReadonlyArray<Page>]) => {
      if (!pages.some(({ kind }) => kind === ReflectionKind.Module)) return nothing
      this.page.startNewSection(title)
      return h(
        "section",
        { class: "tsd-panel-group" },
        h("h2", { id: this.slugger.slug(title) }, title),
        h("dl", { class: "tsd-member-summaries" }, pages.map(this.moduleMemberSummary))
      )
    }

    override member = (member: Page) => {
      if (member.isDocument()) return nothing
      const anchor = this.getAnchor(member)
      const classes = this.getReflectionClasses(member)
      this.page.pageHeadings.push({ link: `#${anchor}`, text: member.name, kind: member.kind, classes })
      const since = sinceOf(member)
      return h(
        "section",
        { class: "tsd-panel tsd-member" },
        h(
          "h3",
          { class: "tsd-anchor-link", id: anchor },
          h("span", { class: "wcs-keyword" }, keywords.get(member.kind)),
          " ",
          h("a", { href: `#${anchor}` }, member.name),
          member.typeParameters && `<${member.typeParameters.map(({ name }) => name).join(", ")}>`,
          since && h("span", { class: "wcs-since" }, `since ${since}`)
        ),
        this.body(member)
      )
    }

    body = (member: DeclarationReflection) => {
      if (!member.kindOf([ReflectionKind.Class, ReflectionKind.Interface])) return this.signature(member)
      return h(
        JSX.Fragment,
        null,
        this.commentSummary(member),
        this.commentTags(member),
        h(
          "dl",
          { class: "wcs-properties" },
          member.children?.map((child) => h("dd", { id: this.getAnchor(child) }, this.signature(child)))
        )
      )
    }

    signature = (member: DeclarationReflection) => {
      if (member.signatures) return this.memberSignatures(member)
      return member.getSignature ? this.memberGetterSetter(member) : this.memberDeclaration(member)
    }

    /** The title has the types already: only what is said of them follows. */
    override memberSignatureBody = (signature: SignatureReflection) =>
      h(
        JSX.Fragment,
        null,
        this.commentSummary(signature),
        signature.parameters?.map((parameter) => {
          const details = [this.commentSummary(parameter), this.typeDetailsIfUseful(parameter, parameter.type)]
          return details.some((detail) => detail !== undefined)
            ? h("div", { class: "wcs-parameter" }, h("code", null, parameter.name), details)
            : undefined
        }),
        this.commentTags(signature)
      )
  }

export const theme = (site: Site): new(renderer: Renderer) => DefaultTheme =>
  class extends DefaultTheme {
    constructor(renderer: Renderer) {
      super(renderer)
      this.ContextClass = renderContext(site)
    }
    override buildNavigation(): Array<NavigationElement> {
      const link = (page: Page) => ({ text: page.name, path: this.router.getFullUrl(page) })
      return [
        { text: "README", path: "index.html" },
        ...site.first().map(link),
        ...site.sections().map(([text, pages]) => ({ text, children: pages.map(link) })),
        { text: "All modules", path: "modules.html" }
      ]
    }
  }
